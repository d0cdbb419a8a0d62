"""Alerts while replication goes on: judged by each sample of the lag, told through notifiers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.notifiers import Document, deliver

if TYPE_CHECKING:
    from airflow_adbsync.engine.alerts import EpisodeWatch
    from airflow_adbsync.engine.state.lag import LagSample
    from airflow_adbsync.engine.sync import Sync
    from airflow_adbsync.engine.watch import SourcePosition


class Alarm:
    """Tells of each alert once, and of its end; never ends the replication that it watches."""

    def __init__(self, sync: Sync, notifiers: Sequence[Document], episodes: EpisodeWatch, log: Any) -> None:
        from airflow_adbsync.engine.alerts import Judge

        self._judge = Judge(sync.config.alerts, sync.slot_name)
        self._notifiers = notifiers
        self._episodes = episodes
        self._log = log

    @classmethod
    @asynccontextmanager
    async def watching(
        cls, sync: Sync, notifiers: Sequence[Document], log: Any
    ) -> AsyncIterator[Self | None]:
        """One for a sync; None where there is nobody to tell."""
        if not notifiers:
            yield None
            return
        from airflow_adbsync.engine.alerts import EpisodeWatch

        async with AsyncExitStack() as stack:
            episodes = await stack.enter_async_context(EpisodeWatch(sync))
            yield cls(sync, notifiers, episodes, log)

    async def look(self, sample: LagSample, source: SourcePosition | None) -> None:
        """Judge a sample."""
        said = self._judge.look(sample, source, asyncio.get_running_loop().time())
        await self.settle({str(kind): message for kind, message in said.items()})

    async def settle(self, said: Mapping[str, str | None]) -> None:
        """Tell what has begun or ended."""
        try:
            for notice in await self._episodes.settle(said):
                self._log.warning("%s of sync %s: %s", notice.kind, notice.sync_id, notice.message)
                if not await deliver(self._notifiers, notice.to_json()):
                    await self._episodes.reopen(notice)
        except AdbsyncError as error:
            self._log.warning("Alerts could not be noted: %s", error)
