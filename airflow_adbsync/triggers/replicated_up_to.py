"""The trigger behind `ReplicatedUpToSensor`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from airflow_adbsync.triggers.watching import Look, WatchTrigger

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class ReplicatedUpToTrigger(WatchTrigger):
    """Fires once the target holds everything up to an LSN or a moment.

    :param until: ``{"until": "lsn"|"time", "value": ...}``.
    """

    stored = (*WatchTrigger.stored, "until")

    def __init__(
        self,
        *,
        config: Mapping[str, Any],
        until: Mapping[str, Any],
        source_conn_id: str | None = None,
        target_conn_id: str | None = None,
        poke_interval: float = 10.0,
        deadline: str | None = None,
    ) -> None:
        super().__init__(
            config=config,
            source_conn_id=source_conn_id,
            target_conn_id=target_conn_id,
            poke_interval=poke_interval,
            deadline=deadline,
        )
        self.until = dict(until)

    @asynccontextmanager
    async def watch(self, sync: Sync) -> AsyncIterator[Look]:
        """Give a look at the progress; the moment's place in the log is remembered between looks."""
        from airflow_adbsync.engine.replication import Goal, until_from_json

        async with Goal(sync, until_from_json(self.until), max_age=self.max_age) as goal:

            async def look() -> dict[str, Any] | None:
                return {"lsn": str(goal.lsn)} if await goal.reached() else None

            yield look
