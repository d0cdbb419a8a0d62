"""Waiting for tables to have had their full load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.sensors.base import AdbsyncSensor
from airflow_adbsync.triggers.relation_loaded import RelationLoadedTrigger, loaded

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class RelationLoadedSensor(AdbsyncSensor):
    """Wait until tables are loaded; what was committed on the source since then comes with incremental.

    :param relations: one table or several, as the source names them (``shop.orders``); none means all of the
        sync's. (templated)

    Returns how many rows the load brought, by table. A table that is not the sync's fails it at once.
    """

    template_fields: Sequence[str] = (*AdbsyncSensor.template_fields, "relations")

    def __init__(self, *, relations: str | Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.relations = relations

    def trigger(self) -> RelationLoadedTrigger:
        """The trigger that waits in this sensor's place."""
        return RelationLoadedTrigger(**self.watched, relations=[str(name) for name in self._names()])

    async def look(self, sync: Sync) -> bool:
        """Look once."""
        from airflow_adbsync.engine.watch import RelationWatch

        async with RelationWatch(sync) as relations:
            return loaded(await relations.look(self._names() or None)) is not None

    def _names(self) -> list[QualifiedName]:
        written = [self.relations] if isinstance(self.relations, str) else self.relations
        try:
            return [QualifiedName.parse(name) for name in written]
        except ValueError as error:
            raise ConfigError(f"`relations`: {error}.", remedy="Name tables as the source does.") from error
