"""What a table has from the tables that it inherits from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from airflow_adbsync.engine.schema.definitions import (
    ColumnDefinition,
    ConstraintDefinition,
    TableDefinition,
)


@dataclass(frozen=True, slots=True)
class Lineage:
    """Tells what CREATE TABLE must say and what INHERITS brings; a partition is written in full and attached.

    ``split`` are tables whose defaults are set after they are created.
    """

    tables: Mapping[int, TableDefinition]
    split: frozenset[int] = frozenset()

    def parents(self, table: TableDefinition) -> list[TableDefinition]:
        """Those to be named in INHERITS: parents outside of the sync are not."""
        if table.partition_bound is not None:
            return []
        return [self.tables[oid] for oid in table.parents if oid in self.tables]

    def written(self, table: TableDefinition) -> Iterator[ColumnDefinition]:
        """The columns to be named in CREATE TABLE; NOT NULL only where no parent has it."""
        for column in table.columns:
            origins = self._origins(table, column.name)
            if column.local or not origins or len({origin.default for origin in origins}) > 1:
                inherited = any(origin.not_null for origin in origins)
                not_null = column.not_null and (column.not_null_local or not inherited)
                yield column if column.not_null == not_null else replace(column, not_null=not_null)

    def differing(self, table: TableDefinition) -> Iterator[tuple[ColumnDefinition, ColumnDefinition]]:
        """Inherited columns that are not as the table gets them, each with how it gets them."""
        written = {column.name for column in self.written(table)}
        for column in table.columns:
            origins = self._origins(table, column.name)
            if column.name not in written and not column.generated and not _same(column, origins[0]):
                yield column, origins[0]

    def own_not_nulls(self, table: TableDefinition) -> Iterator[ColumnDefinition]:
        """Inherited columns that the table itself declares NOT NULL (18 and newer)."""
        written = {column.name for column in self.written(table)}
        yield from (
            column for column in table.columns if column.not_null_local and column.name not in written
        )

    def checks(self, table: TableDefinition) -> list[ConstraintDefinition]:
        """The checks, and the NOT NULLs that were never validated, that no parent brings."""
        brought = {item.name for parent in self.parents(table) for item in parent.constraints}
        return [
            item
            for item in table.constraints
            if item.kind in "cn" and (item.local or item.name not in brought)
        ]

    def _origins(self, table: TableDefinition, name: str) -> list[ColumnDefinition]:
        """The column in the parents, as it is there once they are created."""
        found = (self._created(parent, name) for parent in self.parents(table))
        return [column for column in found if column]

    def _created(self, table: TableDefinition, name: str) -> ColumnDefinition | None:
        column = table.column(name)
        if column is None:
            return None
        origins = self._origins(table, name)
        if not column.local and origins:
            return origins[0]
        apart = table.oid in self.split and not column.generated
        return replace(column, default=None) if apart else column


def _same(column: ColumnDefinition, other: ColumnDefinition) -> bool:
    return column.default == other.default and column.not_null <= other.not_null
