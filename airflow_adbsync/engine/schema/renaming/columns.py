"""New names for columns, given by the server itself.

A column is named in many ways: bare, behind an alias, as a field of a row, in USING. The server carries all
of them over when a column is renamed, so statements that name columns run while these have the source's
names: what was renamed before is renamed back for as long as the statement takes, within its transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import QualifiedName, quote_identifier
from airflow_adbsync.engine.schema.definitions import Definitions, TableDefinition
from airflow_adbsync.engine.schema.renaming.names import Names
from airflow_adbsync.engine.shape import Shapes

_BETWEEN = "adbsync renaming "


@dataclass(frozen=True, slots=True)
class ColumnRenames:
    """Of one table or view: its name on the target, and old names with new ones, only where they differ.

    ``roots`` are the oids of those that the columns are inherited from: a column is renamed there, and its
    heirs follow. ``own`` are the columns that are renamed here.
    """

    table: QualifiedName
    columns: Mapping[str, str]
    own: Mapping[str, str]
    roots: tuple[int, ...] = ()
    partition: bool = False

    def give(self, columns: Mapping[str, str] | None = None) -> list[str]:
        """The statements that give the target's names."""
        return _alter(self.table, self.own if columns is None else columns)

    def take(self) -> list[str]:
        """The statements that bring the source's names back."""
        return _alter(self.table, {new: old for old, new in self.own.items()})


@dataclass(frozen=True, slots=True)
class AllColumnRenames:
    """By the oid of the table or view on the source."""

    of: Mapping[int, ColumnRenames] = field(default_factory=dict)

    def owners(self, oids: Iterable[int]) -> list[int]:
        """Where columns of these are renamed once they are made."""
        found: set[int] = set()
        waiting = [oid for oid in oids if oid in self.of]
        while waiting:
            renames = self.of[oid := waiting.pop()]
            inherits = [root for root in renames.roots if root in self.of]
            if not inherits or not renames.partition:
                found.add(oid)
            waiting.extend(root for root in inherits if root not in found)
        return sorted(oid for oid in found if self.of[oid].own)

    def mentioned(self, oids: Iterable[int], identifiers: frozenset[str]) -> bool:
        """Whether the statement names a column of these that has another name."""
        return any(not identifiers.isdisjoint(self.of[oid].columns) for oid in oids if oid in self.of)


def column_renames(names: Names, definitions: Definitions) -> AllColumnRenames:
    """Find the columns that get new names.

    Raises:
        ConfigError: a column would be called otherwise than where it is inherited from.
    """
    shapes = names.shapes
    if shapes is None:
        return AllColumnRenames()
    tables = {table.oid: table for table in definitions.tables}
    found: dict[int, ColumnRenames] = {}
    for table in definitions.tables:
        columns = _columns(shapes, table, tables)
        found[table.oid] = _renames(names, table, columns, tables)
    for view in definitions.views:
        changed = {
            column.name: new for column in view.columns if (new := shapes.cased(column.name)) != column.name
        }
        found[view.oid] = ColumnRenames(names.relation(view.name), changed, changed)
    for table in definitions.tables:
        _refuse_differing(table, found, tables)
    return AllColumnRenames({oid: renames for oid, renames in found.items() if renames.columns})


def root_of(table: TableDefinition, tables: Mapping[int, TableDefinition]) -> TableDefinition:
    """The partitioned table that it is a part of, or itself."""
    while table.partition_bound is not None and table.parents and table.parents[0] in tables:
        table = tables[table.parents[0]]
    return table


def _columns(shapes: Shapes, table: TableDefinition, tables: Mapping[int, TableDefinition]) -> dict[str, str]:
    """What each column is called, by its name in statements; an extra one has the target's already."""
    root = root_of(table, tables).name
    return {column.name: column.extra or shapes.column(root, column.name) for column in table.columns}


def _renames(
    names: Names,
    table: TableDefinition,
    columns: Mapping[str, str],
    tables: Mapping[int, TableDefinition],
) -> ColumnRenames:
    changed = {old: new for old, new in columns.items() if old != new}
    partition = table.partition_bound is not None
    parents = [tables[oid] for oid in table.parents if oid in tables]
    inherited = {column.name for parent in parents for column in parent.columns}
    own = changed if partition else {old: new for old, new in changed.items() if old not in inherited}
    return ColumnRenames(
        names.relation(table.name),
        changed,
        own,
        tuple(parent.oid for parent in parents),
        partition,
    )


def _refuse_differing(
    table: TableDefinition, found: Mapping[int, ColumnRenames], tables: Mapping[int, TableDefinition]
) -> None:
    """A parent's column and its heir's are one; with two parents the server renames neither."""
    parents = [tables[oid] for oid in table.parents if oid in tables]
    here = found[table.oid].columns
    for column in table.columns:
        having = [parent for parent in parents if parent.column(column.name)]
        new = {here.get(column.name), *(found[parent.oid].columns.get(column.name) for parent in having)}
        if len(new) > 1:
            raise ConfigError(
                f"`tables`: {column.name} of {table.name} is inherited from {having[0].name}, so it has the "
                "same name there.",
                remedy=f"Rename the column in {having[0].name} and in {table.name} alike.",
            )
        if len(having) > 1 and new != {None}:
            raise ConfigError(
                f"`tables`: {column.name} of {table.name} is inherited from several tables, so it can't be "
                "renamed.",
                remedy="Leave it its name in all of them.",
            )


def _alter(table: QualifiedName, columns: Mapping[str, str]) -> list[str]:
    """RENAME each; where names change places, by way of names that nothing has."""
    if not set(columns).isdisjoint(columns.values()):
        between = {old: f"{_BETWEEN}{place}" for place, old in enumerate(columns, 1)}
        return [
            *_rename(table, between.items()),
            *_rename(table, ((between[old], new) for old, new in columns.items())),
        ]
    return list(_rename(table, columns.items()))


def _rename(table: QualifiedName, columns: Iterable[tuple[str, str]]) -> Iterator[str]:
    for old, new in columns:
        yield f"ALTER TABLE {table.sql} RENAME COLUMN {quote_identifier(old)} TO {quote_identifier(new)}"
