"""Which objects belong to a sync: its tables, what these need, and the rest of the selected schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.identity import ObjectId
from airflow_adbsync.engine.schema.inventory import Inventory, Item, Kind

_FOLLOW_TABLES = frozenset(
    {Kind.TYPE, Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE, Kind.SEQUENCE},
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An object of the selection that does not come along, and why."""

    item: Item
    reason: str


@dataclass(frozen=True, slots=True)
class Belonging:
    """``members`` are carried; ``in_doubt`` are tables that need what is not carried."""

    members: frozenset[ObjectId]
    left_out: tuple[LeftOut, ...] = ()
    in_doubt: tuple[LeftOut, ...] = ()


def belonging(inventory: Inventory, tables: Iterable[QualifiedName], schemas: Iterable[str]) -> Belonging:
    """Decide what comes along with these tables, out of these schemas and beyond."""
    needs = inventory.needs()
    chosen = _with_partitions(inventory, frozenset(tables))
    seeds = chosen | _of_schemas(inventory, frozenset(schemas), chosen)
    members = _closure(inventory, needs, seeds)
    reasons = _obstructed(inventory, needs, members, chosen)
    in_doubt = {table: reasons.pop(table) for table in chosen if table in reasons}
    return Belonging(
        members=frozenset(members - reasons.keys()),
        left_out=_said(inventory, reasons),
        in_doubt=_said(inventory, in_doubt),
    )


def _with_partitions(inventory: Inventory, tables: frozenset[QualifiedName]) -> set[ObjectId]:
    items = inventory.items

    def chosen(item: Item) -> bool:
        if item.kind is not Kind.TABLE:
            return False
        if item.name in tables:
            return True
        parents = (inventory.table(oid) for oid in inventory.parents.get(item.id.oid, ()))
        return item.partition and any(chosen(parent) for parent in parents if parent)

    return {item.id for item in items.values() if chosen(item)}


def _of_schemas(inventory: Inventory, schemas: frozenset[str], tables: set[ObjectId]) -> set[ObjectId]:
    return {
        item.id
        for item in inventory.items.values()
        if item.name.schema in schemas
        and item.kind not in {Kind.TABLE, Kind.FOREIGN_TABLE}
        and not item.extension
        and (item.kind is not Kind.SEQUENCE or _stands_alone(inventory, item, tables))
    }


def _stands_alone(inventory: Inventory, sequence: Item, tables: set[ObjectId]) -> bool:
    owner = inventory.sequence_owners.get(sequence.id.oid)
    return owner is None or (ObjectId("pg_class", owner.table) in tables and not owner.identity)


def _closure(
    inventory: Inventory, needs: Mapping[ObjectId, set[ObjectId]], seeds: set[ObjectId]
) -> set[ObjectId]:
    members, waiting = set(seeds), list(seeds)
    while waiting:
        for needed in needs.get(waiting.pop(), ()):
            item = inventory.items.get(needed)
            if item and not item.extension and item.kind in _FOLLOW_TABLES and needed not in members:
                members.add(needed)
                waiting.append(needed)
    return members


def _obstructed(
    inventory: Inventory,
    needs: Mapping[ObjectId, set[ObjectId]],
    members: set[ObjectId],
    tables: set[ObjectId],
) -> dict[ObjectId, str]:
    """Whatever can't be carried, and in turn what needs it."""
    items = inventory.items
    reasons = {id_: items[id_].obstacle for id_ in members if items[id_].obstacle}
    found = True
    while found:
        found = False
        for id_ in members - reasons.keys():
            for needed in sorted(needs.get(id_, ())):
                item = items.get(needed)
                missing = needed in reasons and needed not in tables
                if item and not item.extension and (needed not in members or missing):
                    reasons[id_] = f"it needs {item}, which is not carried"
                    found = True
                    break
    return reasons


def _said(inventory: Inventory, reasons: Mapping[ObjectId, str]) -> tuple[LeftOut, ...]:
    said = (LeftOut(inventory.items[id_], reason) for id_, reason in reasons.items())
    return tuple(sorted(said, key=lambda left: (left.item.kind, str(left.item))))
