"""What may be chosen anew for each run of a standard DAG, as Airflow's trigger form shows it."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param

_UNTIL = {
    "caught_up": "caught up: the target is no further behind than the last moments' traffic",
    "time": "a moment: all that the source had committed by then is applied",
    "lsn": "an LSN: all up to that place in the source's log is applied",
    "stopped": "stopped: until somebody asks it to stop",
}


_MODES = {
    "": "as the configuration says",
    "count": "count the rows",
    "sampled": "compare a part of the rows",
    "full": "compare every row",
    "schema": "compare definitions, not rows",
}


def form(until: str, until_value: str | None) -> dict[str, Any]:
    """The parameters with their defaults, by section."""
    return {
        "until": Param(
            until,
            type="string",
            enum=list(_UNTIL),
            values_display=_UNTIL,
            title="Replicate until",
            section="Incremental",
        ),
        "until_value": Param(
            until_value,
            type=["null", "string"],
            title="Moment or LSN",
            description_md="For *a moment*: ISO 8601, e.g. `2026-01-31T12:00:00+00:00`. "
            "For *an LSN*: e.g. `16/B374D848`. Else leave it empty.",
            section="Incremental",
        ),
        "throttle_rows": Param(
            None,
            type=["null", "number"],
            exclusiveMinimum=0,
            title="Rows a second, at most",
            description_md="Of the full load and of replication; empty: as the configuration says.",
            section="Throttle",
        ),
        "throttle_bytes": Param(
            None,
            type=["null", "string"],
            title="Bytes a second, at most",
            description_md="E.g. `20MB`; empty: as the configuration says.",
            section="Throttle",
        ),
        "verify_mode": Param(
            "",
            type="string",
            enum=list(_MODES),
            values_display=_MODES,
            title="Compare by",
            section="Verification",
        ),
        "acknowledge": Param(
            [],
            type="array",
            items={"type": "string"},
            title="Acknowledged checks",
            description_md="Checks of the precheck whose alerts you have read and accept, one name a line, "
            "e.g. `unsupported_objects`. Your name is kept with the findings.",
            section="Precheck",
        ),
    }
