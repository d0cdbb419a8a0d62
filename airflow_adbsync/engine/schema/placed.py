"""Tables with the keys that they can have where they will live; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from airflow_adbsync.engine.schema.ddl.text import columns
from airflow_adbsync.engine.schema.ddl.widening import widened
from airflow_adbsync.engine.schema.definitions import (
    ConstraintDefinition,
    Definitions,
    IndexDefinition,
    TableDefinition,
)
from airflow_adbsync.engine.schema.placement import Placements

_LONGEST_NAME = 63


def placed(definitions: Definitions, placements: Placements) -> Definitions:
    """Widen keys, leave keys out, and add primary keys, as was decided."""
    return replace(definitions, tables=tuple(_placed(table, placements) for table in definitions.tables))


def _placed(table: TableDefinition, placements: Placements) -> TableDefinition:
    return replace(
        table,
        constraints=tuple(_constraints(table, placements)),
        indexes=tuple(_indexes(table, placements)),
    )


def _constraints(table: TableDefinition, placements: Placements) -> Iterator[ConstraintDefinition]:
    for item in table.constraints:
        if item.kind == "u" and item.index in placements.widened:
            added = placements.widened[item.index]
            yield replace(item, definition=widened(item.definition, added), columns=(*item.columns, *added))
        elif item.kind not in "uf" or placements.names_rows(item.index):
            yield item
    if key := placements.place(table.oid).primary_key:
        yield ConstraintDefinition(
            # No object of the source has this oid: its place in the order follows from the table's.
            oid=-table.oid,
            name=key_name(table.name.name),
            kind="p",
            definition=f"PRIMARY KEY ({columns(key)})",
            index=-table.oid,
            columns=key,
        )


def _indexes(table: TableDefinition, placements: Placements) -> Iterator[IndexDefinition]:
    for index in table.indexes:
        if index.oid in placements.left_out:
            continue
        added = placements.widened.get(index.oid)
        yield replace(index, definition=widened(index.definition, added)) if added else index


def key_name(table: str) -> str:
    """A primary key as the server would call it, but for long names (PostgreSQL doc: Identifiers)."""
    suffix = "_pkey"
    kept = table.encode()[: _LONGEST_NAME - len(suffix)].decode(errors="ignore")
    return f"{kept}{suffix}"
