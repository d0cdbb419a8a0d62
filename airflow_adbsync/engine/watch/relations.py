"""What the target knows of single tables: whether they are loaded, and up to where they have changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Lsn, QualifiedName
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.watch.session import Row
from airflow_adbsync.engine.watch.sides import Watch


@dataclass(frozen=True, slots=True)
class RelationPosition:
    """A table (by its name on the source) as the target knows it.

    ``generation`` counts its loads, 0 before the first; ``rows`` and ``bytes`` came with the last one.
    ``changed_rows`` is how many rows replication has touched since the sync began, ``changed_lsn`` where the
    last such commit ended. ``applied`` is up to where the target holds everything, of this table too.
    """

    name: QualifiedName
    generation: int
    rows: int | None
    bytes: int | None
    changed_lsn: Lsn | None
    changed_rows: int
    applied: Lsn

    @property
    def loaded(self) -> bool:
        """Tell whether it has had its full load."""
        return self.generation > 0


class RelationWatch(Watch):
    """Watches tables of one sync."""

    async def look(self, names: Iterable[QualifiedName] | None = None) -> tuple[RelationPosition, ...]:
        """How far these tables are, or all of the sync's.

        Raises:
            SyncUnknown: the target holds no such sync.
            ConfigError: a table is not one of the sync's.
        """
        wanted = None if names is None else sorted(set(names))
        rows = await self._target.fetch(
            query(__package__, "relation_positions"),
            {
                "sync_id": self._sync.sync_id,
                "schemas": None if wanted is None else [name.schema for name in wanted],
                "tables": None if wanted is None else [name.name for name in wanted],
            },
            max_age=self._max_age,
        )
        found = tuple(map(_position, rows))
        if wanted is not None and len(found) < len(wanted):
            await self.applied()
            self._require(wanted, found)
        return found

    def _require(self, wanted: list[QualifiedName], found: tuple[RelationPosition, ...]) -> None:
        missing = sorted(set(wanted) - {each.name for each in found})
        raise ConfigError(
            f"Sync {self._sync.sync_id!r} has no table {', '.join(map(str, missing))}.",
            remedy="Write the table as the source names it, schema.table, and see that the sync selects it.",
        )


def _position(row: Row) -> RelationPosition:
    schema, name, generation, rows, bytes_, changed_lsn, changed_rows, applied = row
    return RelationPosition(
        QualifiedName(schema, name),
        generation,
        rows,
        bytes_,
        Lsn.parse(changed_lsn) if changed_lsn else None,
        changed_rows,
        Lsn.parse(applied),
    )


def read_relations(sync: Sync, names: Iterable[QualifiedName] | None = None) -> tuple[RelationPosition, ...]:
    """`RelationWatch.look` once, for callers without an event loop."""

    async def look() -> tuple[RelationPosition, ...]:
        async with RelationWatch(sync) as relations:
            return await relations.look(names)

    return asyncio.run(look())
