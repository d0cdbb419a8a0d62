"""Both servers know the source's time zone, by the same rules (PostgreSQL doc: Time Zones)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "time_zone"


def assess(zone: str, source: Sequence[int] | None, target: Sequence[int] | None) -> Finding:
    """Offsets from UTC at moments of past and future; None where the zone is not known.

    Moments are stored in UTC and arrive as they are; defaults, views and functions reckon with zones.
    """
    if source == target:
        return passed(NAME, f"Both servers know {zone}, by the same rules.")
    if target is None:
        return alert(
            NAME,
            f"The target does not know the source's time zone {zone}.",
            "Bring the target server's time zone data up to date, or SET TimeZone for its users.",
            subject="target",
        )
    return alert(
        NAME,
        f"The servers reckon differently with the source's time zone {zone}.",
        "Bring both servers' time zone data to one state: minor versions of PostgreSQL do.",
    )


def _look(context: Context) -> Iterator[Finding]:
    zone = context.source.settings["TimeZone"].value
    yield assess(
        zone, *(_offsets(side.rows("time_zone", zone=zone)) for side in (context.source, context.target))
    )


def _offsets(rows: Sequence[tuple[int]]) -> tuple[int, ...] | None:
    return tuple(row[0] for row in rows) or None


CHECK = Check(NAME, _look)
