"""How far the target is behind, in bytes of WAL and in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from types import TracebackType
from typing import Self

from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.errors import SyncUnknown
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication.watch_session import WatchSession
from airflow_adbsync.engine.state import lag
from airflow_adbsync.engine.state.lag import LagSample
from airflow_adbsync.engine.sync import Sync

_SOURCE = resources.files(__package__).joinpath("sql", "source_position.sql").read_text(encoding="utf-8")
_TARGET = "SELECT lsn::text, commit_time FROM adbsync.progress WHERE sync_id = %(sync_id)s"


@dataclass(frozen=True, slots=True)
class SourcePosition:
    """The source's end of log at a moment of its own clock; ``wal_status`` is the slot's, from 13 on."""

    lsn: Lsn
    clock: datetime
    retained_bytes: int | None
    wal_status: str | None
    slot_exists: bool


@dataclass(frozen=True, slots=True)
class Applied:
    """The target holds everything up to ``lsn``; ``commit_time`` is the source's, of the last commit."""

    lsn: Lsn
    commit_time: datetime | None


class LagReader:
    """Measures the lag of one sync again and again, over one connection to each side.

    It remembers where the source was at its earlier looks: once the target has passed such a place, it is no
    further behind than that look, even where no commit has told of the time in between.
    """

    def __init__(self, sync: Sync) -> None:
        self._sync = sync
        self._source = WatchSession(sync.source)
        self._target = WatchSession(sync.target)
        self._looks: list[tuple[Lsn, datetime]] = []
        self.wal_status: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._source.close()
        await self._target.close()

    async def read(self) -> LagSample:
        """Measure once. The target is asked first, so that its lag is never told too small.

        Raises:
            SyncUnknown: the target holds no such sync.
            ConnectionFailed: a server is away; the next call connects anew.
        """
        applied = await self._applied()
        source = await self._source_position()
        self.wal_status = source.wal_status
        known = [look for look in self._looks if look[0] <= applied.lsn]
        self._looks = [*known[-1:], *(look for look in self._looks if look[0] > applied.lsn)][-1000:]
        self._looks.append((source.lsn, source.clock))
        seconds = seconds_behind(source, applied, known[-1][1] if known else None)
        return LagSample(source.clock, max(0, source.lsn - applied.lsn), seconds, source.retained_bytes)

    async def store(self, sample: LagSample) -> None:
        """Keep a sample on the target, where lag over time is read from."""
        conn = await self._target.connection()
        with typed_errors(self._sync.target):
            await lag.add(conn, self._sync.sync_id, sample)

    async def _applied(self) -> Applied:
        row = await self._target.fetch(_TARGET, {"sync_id": self._sync.sync_id})
        if row is None:
            raise SyncUnknown(
                f"The target holds no sync {self._sync.sync_id!r}.", remedy="Run the start phase first."
            )
        return Applied(Lsn.parse(row[0]), row[1])

    async def _source_position(self) -> SourcePosition:
        row = await self._source.fetch(_SOURCE, {"slot_name": self._sync.slot_name})
        assert row is not None, "a query without FROM always has a row"  # noqa: S101
        return SourcePosition(Lsn.parse(row[0]), *row[1:])


def seconds_behind(source: SourcePosition, applied: Applied, passed_at: datetime | None) -> float:
    """Seconds by the source's clock since the latest moment of which the target is known to hold everything.

    ``passed_at`` is when the source was at a place that the target has passed since.
    """
    if applied.lsn >= source.lsn:
        return 0.0
    moments = [moment for moment in (applied.commit_time, passed_at) if moment is not None]
    if not moments:
        return 0.0
    return max(0.0, (source.clock - max(moments)).total_seconds())
