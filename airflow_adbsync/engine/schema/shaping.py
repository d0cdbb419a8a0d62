"""Tables with the columns, types and primary keys that they get on the target; pure.

Columns that are renamed keep the source's names here: `renaming` gives them theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.schema.ddl.text import columns as listed
from airflow_adbsync.engine.schema.definitions import (
    ColumnDefinition,
    ConstraintDefinition,
    Definitions,
    IndexDefinition,
    SequenceDefinition,
    TableDefinition,
)
from airflow_adbsync.engine.schema.identity import ObjectId, constraint, default, relation
from airflow_adbsync.engine.schema.inventory import Inventory
from airflow_adbsync.engine.schema.kind import Kind
from airflow_adbsync.engine.schema.placed import key_name
from airflow_adbsync.engine.schema.placement import SourcePlacement, UniqueKey
from airflow_adbsync.engine.schema.renaming import identifiers
from airflow_adbsync.engine.shape import ColumnShape, TableShape

Uses = Mapping[ObjectId, frozenset[tuple[int, str]]]
_WORDS = {"p": "primary key", "u": "unique constraint", "x": "exclusion constraint", "f": "foreign key"}
_WHOLE_NUMBERS = frozenset({"smallint", "integer", "bigint", "int", "int2", "int4", "int8"})
_COLLATED = frozenset({"text", "varchar", "char", "character", "bpchar", "name", "citext"})
_PLACE_OF_TARGET_ONLY = "adbsync extra "


@dataclass(frozen=True, slots=True)
class Shaped:
    """``left_out`` are parts of tables that go with columns that are left out, each with the reason."""

    definitions: Definitions
    left_out: tuple[tuple[str, str], ...] = ()
    gone: frozenset[int] = frozenset()


def unusable(uses: Uses, omitted: Mapping[int, Collection[str]], inventory: Inventory) -> dict[ObjectId, str]:
    """Whole objects that need a column that is left out: views, rules, triggers, policies, statistics, ..."""
    found: dict[ObjectId, str] = {}
    for id_, columns in sorted(uses.items()):
        whole = inventory.dependencies.whole(id_)
        item = inventory.items.get(whole)
        lacking = _lacking(columns, omitted)
        if item and lacking and item.kind not in {Kind.TABLE, Kind.SEQUENCE}:
            found.setdefault(whole, _needs(inventory, *lacking))
    return found


def shaped(
    definitions: Definitions, shapes: Mapping[int, TableShape], uses: Uses, inventory: Inventory
) -> Shaped:
    """Give every table its shape, by its oid; partitions have their root's.

    Raises:
        ConfigError: a generated column or the partition key needs a column that is left out, or an identity
            column can't have the type.
    """
    return _Shaping(shapes, uses, inventory).shaped(definitions)


@dataclass(slots=True)
class _Shaping:
    shapes: Mapping[int, TableShape]
    uses: Uses
    inventory: Inventory
    omitted: Mapping[int, Collection[str]] = field(init=False)
    said: list[tuple[str, str]] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    dropped: set[ObjectId] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.omitted = {oid: shape.omitted for oid, shape in self.shapes.items()}

    def shaped(self, definitions: Definitions) -> Shaped:
        tables = [self._table(table) for table in definitions.tables]
        tables = [self._without_references(table) for table in tables]
        return Shaped(
            replace(
                definitions,
                tables=tuple(tables),
                sequences=tuple(self._sequences(definitions.sequences)),
                comments=tuple(
                    item
                    for item in definitions.comments
                    if item.object not in self.dropped
                    and (item.kind != "COLUMN" or not self._mentions(item.object, item.identity))
                ),
                grants=tuple(
                    item for item in definitions.grants if not self._mentions(item.object, item.sql)
                ),
            ),
            tuple(self.said),
            frozenset(self.gone),
        )

    def _table(self, table: TableDefinition) -> TableDefinition:
        shape = self.shapes.get(table.oid)
        if shape is None or (shape.is_plain and shape.primary_key is None):
            return table
        self._refuse_needed(table)
        own = self.omitted[table.oid]
        table = replace(
            table,
            columns=tuple(self._columns(table, shape)),
            constraints=tuple(item for item in table.constraints if self._keeps(table, item)),
            of_type="" if own or any(column.source is None for column in shape.columns) else table.of_type,
        )
        table = replace(
            table, indexes=tuple(item for item in table.indexes if self._keeps_index(table, item))
        )
        return _with_primary_key(table, shape)

    def _columns(self, table: TableDefinition, shape: TableShape) -> Iterator[ColumnDefinition]:
        by_source = {column.source: column for column in shape.carried}
        taken = {column.name for column in table.columns if column.name in by_source}
        for column in table.columns:
            if column.name in by_source:
                yield _retyped(table, column, by_source[column.name].type)
        for place, extra in enumerate(_extra(shape), 1):
            name = extra.name if extra.name not in taken else f"{_PLACE_OF_TARGET_ONLY}{place}"
            yield ColumnDefinition(name, extra.type or "text", extra=extra.name)

    def _keeps(self, table: TableDefinition, item: ConstraintDefinition) -> bool:
        columns = {(table.oid, name) for name in item.columns} | self.uses.get(
            constraint(item.oid), frozenset()
        )
        lacking = _lacking(columns, self.omitted)
        if lacking and item.index and item.kind != "f":
            self.gone.add(item.index)
        if lacking:
            label = f"{_WORDS.get(item.kind, 'check')} {quote_identifier(item.name)} of {table.name}"
            self.said.append((label, _needs(self.inventory, *lacking)))
            self.dropped.add(constraint(item.oid))
        return lacking is None

    def _keeps_index(self, table: TableDefinition, item: IndexDefinition) -> bool:
        lacking = _lacking(self.uses.get(relation(item.oid), frozenset()), self.omitted)
        if lacking and not item.of_constraint:
            self.gone.add(item.oid)
            self.dropped.add(relation(item.oid))
            self.said.append((f"index {item.name} of {table.name}", _needs(self.inventory, *lacking)))
        return item.oid not in self.gone

    def _without_references(self, table: TableDefinition) -> TableDefinition:
        """A foreign key needs the unique key that it refers to."""
        kept = []
        for item in table.constraints:
            if item.kind == "f" and item.index in self.gone:
                label = f"foreign key {quote_identifier(item.name)} of {table.name}"
                self.said.append((label, "it refers to a key that is left out"))
                self.dropped.add(constraint(item.oid))
            else:
                kept.append(item)
        return replace(table, constraints=tuple(kept))

    def _sequences(self, sequences: Iterable[SequenceDefinition]) -> Iterator[SequenceDefinition]:
        for item in sequences:
            if item.column not in self.omitted.get(item.table, ()):
                yield item
            elif not item.identity:
                yield replace(item, table=0, column="")

    def _mentions(self, object_: ObjectId, sql: str) -> bool:
        gone = self.omitted.get(object_.oid, ()) if object_.catalog == "pg_class" else ()
        return bool(gone) and not identifiers(sql).isdisjoint(gone)

    def _refuse_needed(self, table: TableDefinition) -> None:
        gone = set(self.omitted[table.oid])
        if table.partition_key and (found := identifiers(table.partition_key) & gone):
            raise ConfigError(
                f"`tables.{table.name}.columns`: {min(found)} belongs to the partition key, so it "
                "can't be left out.",
                remedy="Carry it, or say `schema: {partitions: flatten}`.",
            )
        for column in table.columns:
            lacking = _lacking(self.uses.get(default(column.default_oid), frozenset()), self.omitted)
            if column.generated and column.name not in gone and lacking:
                raise ConfigError(
                    f"`tables.{table.name}.columns`: the generated column {column.name} is computed from "
                    f"{lacking[1]}, which is left out.",
                    remedy=f"Leave {column.name} out too, or carry both.",
                )


def _with_primary_key(table: TableDefinition, shape: TableShape) -> TableDefinition:
    """The chosen columns are the primary key; what was it is a unique key."""
    if shape.primary_key is None:
        return table
    sources = {column.name: column.source for column in shape.columns}
    extra = {column.extra: column.name for column in table.columns if column.extra}
    key = tuple(sources[name] or extra[name] for name in shape.primary_key)
    if any(item.kind == "p" and set(item.columns) == set(key) for item in table.constraints):
        return table
    constraints = [_unique(item) if item.kind == "p" else item for item in table.constraints]
    if table.partition_bound is None:
        taken = {item.name for item in constraints} | {index.name.name for index in table.indexes}
        name = _free(key_name(table.name.name), taken)
        # No object of the source has this oid: its place in the order follows from the table's.
        constraints.append(
            ConstraintDefinition(
                oid=-table.oid,
                name=name,
                kind="p",
                definition=f"PRIMARY KEY ({listed(key)})",
                index=-table.oid,
                columns=key,
            )
        )
    return replace(table, constraints=tuple(constraints))


def reshaped_keys(here: SourcePlacement, definitions: Definitions, gone: Collection[int]) -> SourcePlacement:
    """The unique keys as the target will have them: without those that are gone, with chosen primary keys."""
    keys = {oid: tuple(key for key in keys if key.index not in gone) for oid, keys in here.keys.items()}
    for table in definitions.tables:
        for item in table.constraints:
            if item.kind == "p" and item.oid < 0:
                others = (replace(key, primary=False) for key in keys.get(table.oid, ()))
                keys[table.oid] = (UniqueKey(item.index, item.name, item.columns, primary=True), *others)
    return replace(here, keys=keys)


def _unique(item: ConstraintDefinition) -> ConstraintDefinition:
    return replace(item, kind="u", definition=item.definition.replace("PRIMARY KEY", "UNIQUE", 1))


def _free(name: str, taken: Collection[str]) -> str:
    """As the server finds one: with a number behind it."""
    number, found = 0, name
    while found in taken:
        number += 1
        found = f"{name[: len(name) - len(str(number)) if len(name.encode()) > 61 else None]}{number}"
    return found


def _retyped(table: TableDefinition, column: ColumnDefinition, type_: str | None) -> ColumnDefinition:
    if type_ is None:
        return column
    plain = type_.partition("(")[0].strip().lower()
    if column.identity and plain not in _WHOLE_NUMBERS:
        raise ConfigError(
            f"`tables.{table.name}.columns`: {column.name} is an identity column, which can't be {type_}.",
            remedy="Give it a type of whole numbers, or leave it its own.",
        )
    collated = plain.split()[0] in _COLLATED if plain else False
    return replace(
        column,
        type=type_,
        collation=column.collation if collated else None,
        default=None if column.default is None else f"CAST({column.default} AS {type_})",
        settings=tuple(setting for setting in column.settings if not setting.startswith("SET STORAGE")),
        compression="",
    )


def _extra(shape: TableShape) -> list[ColumnShape]:
    return [column for column in shape.columns if column.source is None]


def _lacking(
    columns: Iterable[tuple[int, str]], omitted: Mapping[int, Collection[str]]
) -> tuple[int, str] | None:
    return min(((table, name) for table, name in columns if name in omitted.get(table, ())), default=None)


def _needs(inventory: Inventory, table: int, column: str) -> str:
    item = inventory.table(table)
    return f"it needs column {column} of {item.name if item else table}, which is left out"


def by_object(rows: Iterable[tuple[str, int, int, str]]) -> dict[ObjectId, frozenset[tuple[int, str]]]:
    """What a query of uses returns, by the object that needs the columns."""
    found: dict[ObjectId, set[tuple[int, str]]] = defaultdict(set)
    for catalog, oid, table, column in rows:
        found[ObjectId(catalog, oid)].add((table, column))
    return {id_: frozenset(columns) for id_, columns in found.items()}
