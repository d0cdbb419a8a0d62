"""What each object of the source is called on the target; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.definitions import (
    Definitions,
    RangeDefinition,
    TableDefinition,
    ViewDefinition,
)
from airflow_adbsync.engine.schema.identity import ObjectId, relation, type_
from airflow_adbsync.engine.schema.inventory import Inventory, Item
from airflow_adbsync.engine.schema.kind import ON_RELATIONS, Kind
from airflow_adbsync.engine.shape import Shapes

_ROUTINES = frozenset({Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE})
# They lie in no schema, or stand with the table that they are on.
_WITHOUT_SCHEMA = (ON_RELATIONS - {Kind.STATISTICS}) | {Kind.CAST}


@dataclass(frozen=True, slots=True)
class Names:
    """Old names and new ones, only where they differ.

    ``relations`` are those of everything but ``routines``, which may be called like a table.
    """

    shapes: Shapes | None = None
    relations: Mapping[QualifiedName, QualifiedName] = field(default_factory=dict)
    routines: Mapping[QualifiedName, QualifiedName] = field(default_factory=dict)
    schemas: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, shapes: Shapes, inventory: Inventory, definitions: Definitions) -> Names:
        """Find the new name of all that is carried.

        Raises:
            ConfigError: two objects would have one name, or one a name that is too long.
        """
        carried = [item for item in inventory.items.values() if not item.extension]
        schemas = sorted({item.name.schema for item in carried} | set(definitions.schemas))
        routines = {item.name: shapes.object(item.name) for item in carried if item.kind in _ROUTINES}
        relations = {
            item.name: _target(shapes, item)
            for item in carried
            if item.kind not in _ROUTINES | _WITHOUT_SCHEMA
        }
        relations |= _with_their_tables(shapes, inventory)
        relations |= _parts(shapes, definitions)
        return cls(shapes, _changed(relations), _changed(routines), _schemas(shapes, schemas))

    @property
    def change_nothing(self) -> bool:
        """Whether every object keeps its name; columns may not."""
        return not (self.relations or self.routines or self.schemas)

    def find(self, name: QualifiedName, *, routine: bool) -> QualifiedName | None:
        """The new name, where there is one."""
        first, second = (self.routines, self.relations) if routine else (self.relations, self.routines)
        return first.get(name) or second.get(name)

    def relation(self, name: QualifiedName) -> QualifiedName:
        """What a table, view, sequence, index or type is called."""
        return self.relations.get(name, name)

    def schema(self, name: str) -> str:
        """What a schema is called."""
        return self.schemas.get(name, name)

    def simple(self, name: str) -> str:
        """What has no schema in front of it: a constraint, trigger, rule, policy, a new index."""
        return self.shapes.cased(name) if self.shapes else name


def refuse_collisions(
    names: Names, inventory: Inventory, members: Iterable[ObjectId], definitions: Definitions
) -> None:
    """Return if no two objects that are carried would have one name.

    Raises:
        ConfigError: naming them.
    """
    if names.change_nothing:
        return
    taken: dict[tuple[object, ...], str] = {}
    for key, label in (*_of_items(names, inventory, members), *_of_indexes(names, definitions)):
        if key in taken:
            raise ConfigError(
                f"{taken[key]} and {label} would have one name on the target.",
                remedy="Give a table among them another name in `tables`, or change `names`.",
            )
        taken[key] = label


_Labelled = tuple[tuple[object, ...], str]


def _of_items(names: Names, inventory: Inventory, members: Iterable[ObjectId]) -> Iterator[_Labelled]:
    """A name is unique among relations and types, among routines with its arguments."""
    for id_ in sorted(members):
        item = inventory.items[id_]
        if item.kind in _WITHOUT_SCHEMA:
            place: tuple[object, ...] = (
                id_.catalog,
                item.owner,
                names.simple(item.name.name),
                item.arguments,
            )
        else:
            target = names.find(item.name, routine=item.kind in _ROUTINES) or item.name
            catalog = "pg_class" if id_ in {relation(id_.oid), type_(id_.oid)} else id_.catalog
            place = (catalog, target, item.arguments)
        yield place, str(item)


def _of_indexes(names: Names, definitions: Definitions) -> Iterator[_Labelled]:
    for owner in _with_indexes(definitions):
        for index in owner.indexes:
            yield ("pg_class", names.relation(index.name), ""), f"index {index.name}"


def _target(shapes: Shapes, item: Item) -> QualifiedName:
    return shapes.table(item.name) if item.kind is Kind.TABLE else shapes.object(item.name)


def _with_their_tables(shapes: Shapes, inventory: Inventory) -> dict[QualifiedName, QualifiedName]:
    """Sequences lie in the schema of the table that owns them, also where that is moved."""
    found = {}
    for oid, owner in inventory.sequence_owners.items():
        table, sequence = inventory.table(owner.table), inventory.items.get(relation(oid))
        if table and sequence and table.name.schema == sequence.name.schema:
            moved = _target(shapes, table).schema
            found[sequence.name] = QualifiedName(moved, shapes.cased(sequence.name.name))
    return found


def _parts(shapes: Shapes, definitions: Definitions) -> dict[QualifiedName, QualifiedName]:
    """Names in schemas of what is no object of the inventory: indexes, multiranges."""
    found = {}
    for owner in _with_indexes(definitions):
        table = isinstance(owner, TableDefinition)
        schema = (shapes.table(owner.name) if table else shapes.object(owner.name)).schema
        for index in owner.indexes:
            found[index.name] = QualifiedName(schema, shapes.cased(index.name.name))
    for item in definitions.types:
        if isinstance(item, RangeDefinition) and (text := item.options.get("multirange_type_name")):
            multirange = QualifiedName.parse(text)
            found[multirange] = shapes.object(multirange)
    return found


def _with_indexes(definitions: Definitions) -> tuple[TableDefinition | ViewDefinition, ...]:
    return (*definitions.tables, *definitions.views)


def _schemas(shapes: Shapes, schemas: Iterable[str]) -> dict[str, str]:
    return {name: new for name in schemas if (new := shapes.schema(name)) != name}


def _changed(found: Mapping[QualifiedName, QualifiedName]) -> dict[QualifiedName, QualifiedName]:
    return {old: new for old, new in found.items() if old != new}
