"""Waiting, from outside the applier, for the target to hold everything up to an LSN or a moment."""

from __future__ import annotations

from airflow_adbsync.engine.errors import ConfigError, SyncUnknown
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication.until import AtLsn, AtTime, Until
from airflow_adbsync.engine.replication.watch import Watch
from airflow_adbsync.engine.sync import Sync

# A commit's record is in the log before the commit is seen, so all that was committed lies below this place.
_SOURCE = """
    SELECT CASE WHEN pg_catalog.clock_timestamp() >= %(moment)s
           THEN pg_catalog.pg_current_wal_insert_lsn()::text END
"""
_TARGET = "SELECT lsn::text FROM adbsync.progress WHERE sync_id = %(sync_id)s"


class Goal(Watch):
    """Watches for the target to reach an LSN, or what the source had committed at a moment of its own clock.

    A moment becomes an LSN once, as soon as it has passed at the source. From then on the progress is
    compared with that place, which a heartbeat moves past where nobody writes.

    Raises:
        ConfigError: ``until`` names no place.
    """

    def __init__(self, sync: Sync, until: Until) -> None:
        if not isinstance(until, AtLsn | AtTime):
            raise ConfigError("There is no place to wait for.", remedy="Give a moment or an LSN.")
        super().__init__(sync)
        self._until = until
        self.lsn: Lsn | None = until.lsn if isinstance(until, AtLsn) else None

    async def reached(self) -> bool:
        """Look once.

        Raises:
            SyncUnknown: the target holds no such sync.
            ConnectionFailed: a server is away; the next call connects anew.
        """
        if isinstance(self._until, AtTime) and self.lsn is None:
            row = await self._source.fetch(_SOURCE, {"moment": self._until.time})
            self.lsn = Lsn.parse(row[0]) if row and row[0] else None
        return self.lsn is not None and await self._applied() >= self.lsn

    async def _applied(self) -> Lsn:
        row = await self._target.fetch(_TARGET, {"sync_id": self._sync.sync_id})
        if row is None:
            raise SyncUnknown(
                f"The target holds no sync {self._sync.sync_id!r}.", remedy="Run the start phase first."
            )
        return Lsn.parse(row[0])
