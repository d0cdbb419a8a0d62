"""Statements that take a small table's changes as arrays, one a column: no staging table, no COPY. Pure.

Only for types whose input functions do the same for an array's element as for a field of COPY, and for keys
that have no collation and are indexed on the target: all others are staged.
"""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.replication.staging import Staging
from airflow_adbsync.engine.replication.target_table import TargetTable

# Built-in types by their oids, which are the same on every server (PostgreSQL: pg_type.dat).
_KEY_TYPES = {
    20: "int8",
    21: "int2",
    23: "int4",
    1082: "date",
    1114: "timestamp",
    1184: "timestamptz",
    1700: "numeric",
    2950: "uuid",
}
_TYPES = {
    **_KEY_TYPES,
    16: "bool",
    17: "bytea",
    25: "text",
    114: "json",
    700: "float4",
    701: "float8",
    1042: "bpchar",
    1043: "varchar",
    1083: "time",
    1186: "interval",
    3802: "jsonb",
}
_OIDS = {name: oid for oid, name in _TYPES.items()}
_VALUE = "\0"
# How many rows come is not known when a statement is planned, once for all batches: each of them is found by
# the key's index, whatever the planner thinks of the table's size by then.
BY_INDEX = (
    "SET LOCAL plan_cache_mode = force_generic_plan",
    "SET LOCAL enable_mergejoin = off",
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL work_mem = '64MB'",
)
AS_BEFORE = (
    "SET LOCAL plan_cache_mode TO DEFAULT",
    "SET LOCAL enable_mergejoin TO DEFAULT",
    "SET LOCAL enable_seqscan TO DEFAULT",
    "SET LOCAL work_mem TO DEFAULT",
)


@dataclass(frozen=True, slots=True)
class ByArrays:
    """The statements for one table; ``types`` are its columns'. Keys' arrays come before columns'.

    Rows are changed in the order of their keys: neighbours share pages, whose images the log need not repeat.
    """

    staging: Staging
    types: tuple[str, ...]

    def delete(self) -> str:
        """Remove the rows with these keys."""
        staging = self.staging
        return _with_parameters(
            f"DELETE FROM {staging.table} AS t USING {self._rows(keys=True)} WHERE {staging.match}"
        )

    def update(self) -> str:
        """Give the rows with these keys new values in all columns."""
        staging = self.staging
        return _with_parameters(
            f"UPDATE {staging.table} AS t SET {staging.assignments} "
            f"FROM {self._rows(keys=True, columns=True)} WHERE {staging.match}"
        )

    def insert(self) -> str:
        """Add rows."""
        return _with_parameters(self.staging.insert_from(self._rows(columns=True)))

    def elements(self, op: str) -> tuple[int, ...]:
        """The oids of the elements' types: of the keys, but for ``I``, then of the columns, but for ``D``."""
        keys = () if op == "I" else tuple(_OIDS[self.types[place]] for place in self.staging.key)
        return keys if op == "D" else (*keys, *(_OIDS[type_] for type_ in self.types))

    def _rows(self, *, keys: bool = False, columns: bool = False) -> str:
        fields = [(f"k{i}", self.types[place]) for i, place in enumerate(self.staging.key) if keys]
        fields += [(f"c{place}", type_) for place, type_ in enumerate(self.types) if columns]
        arrays = ", ".join(
            f"pg_catalog.unnest({_VALUE}::pg_catalog.{type_}[]) AS {name}" for name, type_ in fields
        )
        order = ", ".join(f"k{i}" for i in range(len(self.staging.key)))
        return f"(SELECT {arrays}{f' ORDER BY {order}' if keys else ''}) AS s"


def by_arrays(table: TargetTable, staging: Staging) -> ByArrays | None:
    """Return the statements, or None for a table that must be staged."""
    here = {column.name: column for column in table.columns}
    columns = [here[column.name] for column in staging.columns]
    if staging.distribution is not None or not staging.key or staging.fixed:
        return None
    if any(column.base_type is not None or column.base_oid not in _TYPES for column in columns):
        return None
    if any(columns[place].base_oid not in _KEY_TYPES for place in staging.key):
        return None
    named = {columns[place].name for place in staging.key}
    if not any(set(key.columns) <= named for key in table.relation.keys):
        return None
    return ByArrays(staging, tuple(_TYPES[column.base_oid] for column in columns))


def _with_parameters(statement: str) -> str:
    return statement.replace("%", "%%").replace(_VALUE, "%s")
