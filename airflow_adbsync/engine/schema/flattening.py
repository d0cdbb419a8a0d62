"""Partitioned tables as plain ones: what they keep of their root, and what their partitions lose; pure.

Rows come under the root's name in the load and in replication alike, so the target needs no partitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from airflow_adbsync.engine.config import Partitions, SchemaOptions
from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.model import Family, QualifiedName
from airflow_adbsync.engine.schema.belonging import Belonging
from airflow_adbsync.engine.schema.definitions import Definitions, IndexDefinition, TableDefinition
from airflow_adbsync.engine.schema.identity import relation
from airflow_adbsync.engine.schema.inventory import Inventory, Item

_PARTITIONED, _PLAIN = "p", "r"
# As pg_get_indexdef writes a partitioned index: the name bare, or in quotes with quotes in it doubled.
_ON_ONLY = re.compile(r'(CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")*"|[^" ]+) ON )ONLY ')


def flattens(options: SchemaOptions, target: Capabilities) -> bool:
    """Whether partitioned tables become plain ones, as configured or else as the target's family suggests.

    Raises:
        CapabilityMissing: partitions are to be kept, and the target has none.
    """
    if options.partitions is Partitions.KEEP:
        target.need("partitioned_tables")
    if options.partitions is not None:
        return options.partitions is Partitions.FLATTEN
    return target.server.family is Family.ANALYTICDB or not target.partitioned_tables


def flattened(definitions: Definitions) -> Definitions:
    """Every partitioned table as a plain one, with its own columns, constraints and indexes."""
    return replace(definitions, tables=tuple(map(_plain, definitions.tables)))


def _plain(table: TableDefinition) -> TableDefinition:
    if table.kind != _PARTITIONED:
        return table
    return replace(
        table, kind=_PLAIN, partition_key=None, indexes=tuple(_whole(index) for index in table.indexes)
    )


def _whole(index: IndexDefinition) -> IndexDefinition:
    return replace(index, definition=_ON_ONLY.sub(r"\1", index.definition, count=1))


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a partition has and its parent has not, or has otherwise."""

    kind: str
    name: str
    partition: int

    @property
    def changes_values(self) -> bool:
        """Whether the target's rows hold other values for it."""
        return self.kind == "generated column"


def lost_partitions(inventory: Inventory, chosen: Belonging) -> dict[int, QualifiedName]:
    """The partitions of carried tables that are not carried themselves, each with its root's name."""
    found: dict[int, QualifiedName] = {}
    for item in inventory.items.values():
        if not item.partition or item.id in chosen.members:
            continue
        root = _root(inventory, item)
        if root is not None and root.id in chosen.members:
            found[item.id.oid] = root.name
    return found


def lost_parts(
    inventory: Inventory, chosen: Belonging, parts: Iterable[Part]
) -> Iterator[tuple[QualifiedName, Part, str]]:
    """What goes with them: the root's name, the part, and the part in words."""
    lost = lost_partitions(inventory, chosen)
    of_them = [part for part in parts if part.partition in lost]
    of_them += (
        Part(item.kind, item.name.name, item.owner)
        for item in inventory.items.values()
        if item.owner in lost and item.id not in chosen.members
    )
    of_them.sort(key=lambda part: (lost[part.partition], part.partition, part.kind, part.name))
    for part in of_them:
        partition = inventory.items[relation(part.partition)]
        yield lost[part.partition], part, f"{part.kind} {part.name} of {partition.name}"


def _root(inventory: Inventory, item: Item) -> Item | None:
    found: Item | None = item
    while found is not None and found.partition:
        parents = inventory.parents.get(found.id.oid, ())
        found = inventory.table(parents[0]) if parents else None
    return found
