"""When somebody is to be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from airflow_adbsync.engine.config.quantities import Duration, Size
from airflow_adbsync.engine.config.section import Section


class AlertOptions(Section):
    """What counts as an alert; each is told once, and again when it is over.

    ``lag_bytes`` and ``lag_seconds`` must be exceeded for ``lasting`` to count. ``stalled_after``: the target
    is behind and has come no further for so long. ``retained_bytes``: more WAL than the slot may keep; a slot
    whose wal_status is unreserved or lost counts in any case.
    """

    lag_bytes: Annotated[Size, Field(ge=1)] | None = None
    lag_seconds: Duration | None = None
    lasting: Duration = timedelta(minutes=1)
    stalled_after: Duration = timedelta(minutes=10)
    retained_bytes: Annotated[Size, Field(ge=1)] | None = None
