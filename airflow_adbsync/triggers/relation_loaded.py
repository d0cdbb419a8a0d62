"""The trigger behind `RelationLoadedSensor`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.triggers.watching import Look, WatchTrigger

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync
    from airflow_adbsync.engine.watch import RelationPosition


def loaded(seen: Sequence[RelationPosition]) -> dict[str, Any] | None:
    """Rows by table once every table is loaded, else None."""
    if not all(each.loaded for each in seen):
        return None
    return {"rows": {str(each.name): each.rows for each in seen}}


class RelationLoadedTrigger(WatchTrigger):
    """Fires once every table that is named has had its full load.

    :param relations: tables as the source names them, ``schema.table``; none means all of the sync's.
    """

    stored = (*WatchTrigger.stored, "relations")
    engine = "airflow_adbsync.engine.watch"

    def __init__(
        self,
        *,
        config: Mapping[str, Any],
        relations: Sequence[str],
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
        self.relations = list(relations)

    @asynccontextmanager
    async def watch(self, sync: Sync) -> AsyncIterator[Look]:
        """Give a look at the tables' loads."""
        from airflow_adbsync.engine.watch import RelationWatch

        names = [QualifiedName.parse(name) for name in self.relations] or None
        async with RelationWatch(sync, max_age=self.max_age) as relations:

            async def look() -> dict[str, Any] | None:
                return loaded(await relations.look(names))

            yield look
