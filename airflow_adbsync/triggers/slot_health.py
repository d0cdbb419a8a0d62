"""The trigger behind `SlotHealthSensor`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from airflow_adbsync.triggers.base import seconds_left
from airflow_adbsync.triggers.watching import Look, WatchTrigger

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class SlotHealthTrigger(WatchTrigger):
    """Fires with an error as soon as the slot is in danger or lost; else when it has watched long enough.

    :param watch_until: the moment (ISO 8601, with its zone) up to which to watch; None looks once.
    :param max_retained_bytes: the slot counts as in danger when it makes the source keep more WAL.
    :param min_safe_bytes: likewise when fewer bytes can be written before the source may drop it.
    """

    stored = (*WatchTrigger.stored, "watch_until", "max_retained_bytes", "min_safe_bytes")
    engine = "airflow_adbsync.engine.watch"

    def __init__(
        self,
        *,
        config: Mapping[str, Any],
        source_conn_id: str | None = None,
        target_conn_id: str | None = None,
        poke_interval: float = 10.0,
        deadline: str | None = None,
        watch_until: str | None = None,
        max_retained_bytes: int | None = None,
        min_safe_bytes: int | None = None,
    ) -> None:
        super().__init__(
            config=config,
            source_conn_id=source_conn_id,
            target_conn_id=target_conn_id,
            poke_interval=poke_interval,
            deadline=deadline,
        )
        self.watch_until = watch_until
        self.max_retained_bytes = max_retained_bytes
        self.min_safe_bytes = min_safe_bytes

    @asynccontextmanager
    async def watch(self, sync: Sync) -> AsyncIterator[Look]:
        """Give a look at the slot."""
        from airflow_adbsync.engine.watch import SlotBounds, SlotWatch

        bounds = SlotBounds(self.max_retained_bytes, self.min_safe_bytes)
        async with SlotWatch(sync, max_age=self.max_age) as slot:

            async def look() -> dict[str, Any] | None:
                seen = dict(await slot.look(bounds))
                return None if seconds_left(self.watch_until) else seen

            yield look
