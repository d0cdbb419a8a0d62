"""Both sides of a sync, as a watcher asks them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.errors import SyncUnknown
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.watch.session import WatchSession
from airflow_adbsync.engine.watch.source_position import SourcePosition

_APPLIED = "SELECT lsn::text FROM adbsync.progress WHERE sync_id = %(sync_id)s"


class Watch:
    """A sync, watched over the connections that all watchers of its databases share.

    What it tells may be ``max_age`` seconds old, if another watcher asked the same; 0 asks each time.
    """

    def __init__(self, sync: Sync, *, max_age: float = 0.0) -> None:
        self._sync = sync
        self._max_age = max_age
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._source = await self._stack.enter_async_context(WatchSession.shared(self._sync.source))
        self._target = await self._stack.enter_async_context(WatchSession.shared(self._sync.target))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def position(self) -> SourcePosition:
        """Where the source is; errors as for `WatchSession.fetch`."""
        rows = await self._source.fetch(
            query(__package__, "source_position"),
            {"slot_name": self._sync.slot_name},
            max_age=self._max_age,
        )
        lsn, *rest = rows[0]
        return SourcePosition(Lsn.parse(lsn), *rest)

    async def applied(self) -> Lsn:
        """Up to where the target holds everything.

        Raises:
            SyncUnknown: the target holds no such sync.
        """
        rows = await self._target.fetch(_APPLIED, {"sync_id": self._sync.sync_id}, max_age=self._max_age)
        if not rows:
            raise self._unknown()
        return Lsn.parse(rows[0][0])

    def _unknown(self) -> SyncUnknown:
        return SyncUnknown(
            f"The target holds no sync {self._sync.sync_id!r}.", remedy="Run the start phase first."
        )
