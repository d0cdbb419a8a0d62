"""Waiting, from outside the applier, for the target to hold everything up to an LSN or a moment."""

from __future__ import annotations

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication.until import AtLsn, AtTime, Until
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.watch import Watch


class Goal(Watch):
    """Watches for the target to reach an LSN, or what the source had committed at a moment of its own clock.

    A moment becomes an LSN once, as soon as it has passed at the source. From then on the progress is
    compared with that place, which a heartbeat moves past where nobody writes.

    Raises:
        ConfigError: ``until`` names no place.
    """

    def __init__(self, sync: Sync, until: Until, *, max_age: float = 0.0) -> None:
        if not isinstance(until, AtLsn | AtTime):
            raise ConfigError("There is no place to wait for.", remedy="Give a moment or an LSN.")
        super().__init__(sync, max_age=max_age)
        self._until = until
        self.lsn: Lsn | None = until.lsn if isinstance(until, AtLsn) else None

    async def reached(self) -> bool:
        """Look once.

        Raises:
            SyncUnknown: the target holds no such sync.
            ConnectionFailed: a server is away; the next call connects anew.
        """
        if isinstance(self._until, AtTime) and self.lsn is None:
            source = await self.position()
            # A commit's record is in the log before the commit is seen: all that was committed lies below.
            self.lsn = source.lsn if source.clock >= self._until.time else None
        return self.lsn is not None and await self.applied() >= self.lsn
