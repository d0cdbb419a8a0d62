"""How far the target is behind, in bytes of WAL and in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.state import lag
from airflow_adbsync.engine.state.lag import LagSample
from airflow_adbsync.engine.watch import SourcePosition, Watch


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """The target holds everything up to ``lsn``, thus everything from before each of the moments.

    ``commit_time`` is the last applied commit's; ``passed_at`` the last look at which the source's log ended
    no later than ``lsn``; ``started_at`` when the sync was registered. ``stop_at`` is where somebody asked
    replication to stop, ``paused`` that somebody asked it to hold still.
    """

    lsn: Lsn
    commit_time: datetime | None
    passed_at: datetime | None
    started_at: datetime
    stop_at: Lsn | None = None
    paused: bool = False


class LagReader(Watch):
    """Measures the lag of one sync again and again; ``source`` is what the source said last.

    ``stop_at`` is where somebody has asked replication to stop, ``paused`` that it is to hold still.
    """

    source: SourcePosition | None = None
    stop_at: Lsn | None = None
    paused = False

    async def read(self) -> LagSample:
        """Measure once. The target is asked first, so that its lag is never told too small.

        Raises:
            SyncUnknown: the target holds no such sync.
            ConnectionFailed: a server is away; the next call connects anew.
        """
        progress = await self._progress()
        source = self.source = await self.position()
        self.stop_at, self.paused = progress.stop_at, progress.paused
        return LagSample(
            sampled_at=source.clock,
            lag_bytes=max(0, source.lsn - progress.lsn),
            lag_seconds=seconds_behind(source, progress),
            retained_bytes=source.retained_bytes,
            source_lsn=source.lsn,
        )

    async def store(self, sample: LagSample) -> None:
        """Keep a sample on the target: lag over time is read from there, and later lags are told by it."""
        await lag.add(self._target, self._sync.sync_id, sample)

    async def _progress(self) -> TargetProgress:
        rows = await self._target.fetch(
            query(__package__, "target_progress"), {"sync_id": self._sync.sync_id}, max_age=self._max_age
        )
        if not rows:
            raise self._unknown()
        lsn, commit_time, passed_at, started_at, stop_at, paused = rows[0]
        stop = Lsn.parse(stop_at) if stop_at else None
        return TargetProgress(Lsn.parse(lsn), commit_time, passed_at, started_at, stop, paused)


def seconds_behind(source: SourcePosition, progress: TargetProgress) -> float:
    """Seconds by the source's clock since the latest moment of which the target is known to hold everything.

    Zero where nothing is left to apply. On an idle source it stays below the time between two looks.
    """
    if progress.lsn >= source.lsn:
        return 0.0
    moments = (progress.commit_time, progress.passed_at, progress.started_at)
    known = max(moment for moment in moments if moment is not None)
    return max(0.0, (source.clock - known).total_seconds())
