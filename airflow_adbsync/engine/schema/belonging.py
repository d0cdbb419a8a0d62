"""Which objects belong to a sync: its tables, what these need, and the rest of the selected schemas."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from airflow_adbsync.engine.config import SchemaOptions, TriggerMode
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.identity import ObjectId, relation
from airflow_adbsync.engine.schema.inventory import Inventory, Item
from airflow_adbsync.engine.schema.kind import FOLLOWING_TABLES, ON_RELATIONS, Kind
from airflow_adbsync.engine.schema.obstacles import obstacle
from airflow_adbsync.engine.schema.target import Target


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


def belonging(
    inventory: Inventory,
    tables: Iterable[QualifiedName],
    schemas: Iterable[str],
    target: Target,
    omitted: Collection[Kind] = (),
    *,
    flat: bool = False,
    without: Mapping[ObjectId, str] | None = None,
) -> Belonging:
    """Decide what comes along with these tables, out of these schemas and beyond.

    ``flat``: partitioned tables come without their partitions. ``without``: what is left out for reasons that
    lie in the configuration.
    """
    needs = inventory.needs()
    chosen = _tables(inventory, frozenset(tables), with_partitions=not flat)
    seeds = chosen | _of_schemas(inventory, frozenset(schemas), chosen)
    members = _closure(inventory, needs, seeds | _on(inventory, seeds, omitted))
    said = without or {}
    obstacles = {id_: said.get(id_) or obstacle(inventory.items[id_], target) for id_ in members}
    reasons = _obstructed(inventory, needs, members, chosen, obstacles)
    in_doubt = {table: reasons.pop(table) for table in chosen if table in reasons}
    return Belonging(
        members=frozenset(members - reasons.keys()),
        left_out=_said(inventory, reasons),
        in_doubt=_said(inventory, in_doubt),
    )


def omitted(options: SchemaOptions) -> frozenset[Kind]:
    """The kinds of objects that the configuration leaves behind."""
    return frozenset({Kind.TRIGGER, Kind.RULE} if options.triggers is TriggerMode.OMIT else ())


def _tables(
    inventory: Inventory, tables: frozenset[QualifiedName], *, with_partitions: bool
) -> set[ObjectId]:
    items = inventory.items

    def chosen(item: Item) -> bool:
        if item.kind is not Kind.TABLE:
            return False
        if item.name in tables:
            return True
        if not with_partitions:
            return False
        parents = (inventory.table(oid) for oid in inventory.parents.get(item.id.oid, ()))
        return item.partition and any(chosen(parent) for parent in parents if parent)

    return {item.id for item in items.values() if chosen(item)}


def _of_schemas(inventory: Inventory, schemas: frozenset[str], tables: set[ObjectId]) -> set[ObjectId]:
    return {
        item.id
        for item in inventory.items.values()
        if item.name.schema in schemas
        and item.kind not in ON_RELATIONS | {Kind.TABLE, Kind.FOREIGN_TABLE}
        and not item.extension
        and (item.kind is not Kind.SEQUENCE or _stands_alone(inventory, item, tables))
    }


def _on(inventory: Inventory, relations: set[ObjectId], omitted: Collection[Kind]) -> set[ObjectId]:
    """What goes with the tables and views that it is on."""
    return {
        item.id
        for item in inventory.items.values()
        if item.owner
        and relation(item.owner) in relations
        and not item.extension
        and item.kind not in omitted
    }


def _stands_alone(inventory: Inventory, sequence: Item, tables: set[ObjectId]) -> bool:
    owner = inventory.sequence_owners.get(sequence.id.oid)
    return owner is None or (relation(owner.table) in tables and not owner.identity)


def _closure(
    inventory: Inventory, needs: Mapping[ObjectId, set[ObjectId]], seeds: set[ObjectId]
) -> set[ObjectId]:
    members, waiting = set(seeds), list(seeds)
    while waiting:
        for needed in needs.get(waiting.pop(), ()):
            item = inventory.items.get(needed)
            if item and not item.extension and item.kind in FOLLOWING_TABLES and needed not in members:
                members.add(needed)
                waiting.append(needed)
    return members


def _obstructed(
    inventory: Inventory,
    needs: Mapping[ObjectId, set[ObjectId]],
    members: set[ObjectId],
    tables: set[ObjectId],
    obstacles: Mapping[ObjectId, str],
) -> dict[ObjectId, str]:
    """Whatever can't be carried, and in turn what needs it."""
    items = inventory.items
    reasons = {id_: reason for id_, reason in obstacles.items() if reason}
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
