"""What the triggers behind the sensors share: look, wait, look again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import TriggerEvent

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.triggers.base import AdbsyncTrigger, event_of, import_engine
from airflow_adbsync.triggers.patience import Patience

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync

Look = Callable[[], Awaitable[dict[str, Any] | None]]


class WatchTrigger(AdbsyncTrigger):
    """Looks every ``poke_interval`` seconds; a server may be away for ``incremental.retry_for``.

    :param deadline: the moment (ISO 8601, with its zone) at which to give up, or None.
    """

    stored: tuple[str, ...] = ("poke_interval", "deadline")
    # The module of the engine that it looks through.
    engine = "airflow_adbsync.engine.replication"

    def __init__(
        self,
        *,
        config: Mapping[str, Any],
        source_conn_id: str | None = None,
        target_conn_id: str | None = None,
        poke_interval: float = 10.0,
        deadline: str | None = None,
    ) -> None:
        super().__init__(config=config, source_conn_id=source_conn_id, target_conn_id=target_conn_id)
        self.poke_interval = poke_interval
        self.deadline = deadline

    @property
    def max_age(self) -> float:
        """How many seconds old an answer may be that another trigger has got from the same server."""
        return min(1.0, self.poke_interval / 2)

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Fire once, when a look says what was seen."""
        late = f"It did not come to what was waited for before {self.deadline}."
        yield await event_of(self._watch(), self.deadline, late)

    def watch(self, sync: Sync) -> AbstractAsyncContextManager[Look]:
        """Open what it takes to look, and give the look: what was seen, or None while there is nothing."""
        raise NotImplementedError

    async def _watch(self) -> dict[str, Any]:
        sync = await self.open_sync()
        await import_engine(self.engine)
        async with self.watch(sync) as look:
            return await self._until_seen(sync, look)

    async def _until_seen(self, sync: Sync, look: Look) -> dict[str, Any]:
        patience = Patience(sync.config.incremental.retry_for)
        while True:
            pause = self.poke_interval
            try:
                seen = await look()
            except AdbsyncError as error:
                after_failure = patience.pause() if error.retryable else None
                if after_failure is None:
                    raise
                pause = after_failure
                self.log.warning("%s Looking again in %.0f s.", error, pause)
            else:
                if seen is not None:
                    return seen
                patience.restore()
            await asyncio.sleep(pause)
