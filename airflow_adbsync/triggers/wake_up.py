"""When there is something to apply. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from airflow_adbsync.engine.model import Lsn

if TYPE_CHECKING:
    from airflow_adbsync.engine.config import IncrementalOptions
    from airflow_adbsync.engine.replication import LagReader
    from airflow_adbsync.engine.state.lag import LagSample
    from airflow_adbsync.engine.watch import SourcePosition


@dataclass(frozen=True, slots=True)
class WakeUp:
    """What a look at a sync must show for a worker to be needed; the same keeps a worker from leaving.

    ``lsn`` or ``moment`` is where replication shall end, once the source has got there; ``always`` where it
    shall end as soon as the target has caught up.
    """

    bytes: int
    seconds: float
    lsn: Lsn | None = None
    moment: datetime | None = None
    always: bool = False

    @classmethod
    def of(cls, options: IncrementalOptions, until: Mapping[str, Any]) -> Self:
        """By the configuration, and by how long replication shall go on."""
        kind, value = until["until"], str(until.get("value"))
        return cls(
            options.wake_bytes,
            options.wake_after.total_seconds(),
            lsn=Lsn.parse(value) if kind == "lsn" else None,
            moment=datetime.fromisoformat(value) if kind == "time" else None,
            always=kind == "caught_up",
        )

    def reason(self, sample: LagSample | None, reader: LagReader) -> str | None:
        """Why a worker is needed after this look, in words; None where none is, as while a sync is paused."""
        source = reader.source
        if sample is None or source is None or reader.paused:
            return None
        if reader.stop_at is not None:
            return f"replication was asked to stop at {reader.stop_at}"
        return self._by_goal(source) or _by_slot(source) or self._by_lag(sample)

    def _by_goal(self, source: SourcePosition) -> str | None:
        if self.always:
            return "the target shall catch up"
        if self.lsn is not None and source.lsn >= self.lsn:
            return f"the source has come to {self.lsn}"
        if self.moment is not None and source.clock >= self.moment:
            return f"it is {self.moment.isoformat()} on the source"
        return None

    def _by_lag(self, sample: LagSample) -> str | None:
        if sample.lag_bytes >= self.bytes:
            return f"the target is {sample.lag_bytes} bytes behind"
        if sample.lag_seconds >= self.seconds:
            return f"the target is {sample.lag_seconds:.0f} s behind"
        return None


def _by_slot(source: SourcePosition) -> str | None:
    """A slot that is well keeps its WAL; one that is not has to be read now, or to be complained of."""
    if not source.has_slot:
        return "the slot is gone"
    if source.invalidation_reason or source.wal_status in ("lost", "unreserved"):
        return f"the slot is {source.invalidation_reason or source.wal_status}"
    return None
