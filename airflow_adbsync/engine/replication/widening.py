"""Giving the target's table the columns that its source has got."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from airflow_adbsync.engine.catalog import empty_search_path, query
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.errors import RelationDrifted
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
_LOCK_TIMEOUT = "10s"


@dataclass(frozen=True, slots=True)
class AddedColumn:
    """A new column of the source; ``missing`` is what rows have in it that were there before.

    ``filled`` tells that such rows may have other values, which no change of theirs has told of.
    """

    name: str
    type: str
    collation: str | None
    not_null: bool
    default: str | None
    missing: str | None
    filled: bool

    def statements(self, table: QualifiedName, name: str) -> list[str]:
        """Add it as ``name``, with the value for the rows that are there, then with its own default."""
        column = sql.Identifier(name).as_string()
        collate = f" COLLATE {self.collation}" if self.collation else ""
        missing = f" DEFAULT {sql.Literal(self.missing).as_string()}" if self.missing is not None else ""
        alter = f"ALTER TABLE {table.sql}"
        then = f"SET DEFAULT {self.default}" if self.default else "DROP DEFAULT"
        found = [f"{alter} ADD COLUMN IF NOT EXISTS {column} {self.type}{collate}{missing}"]
        if self.default or missing:
            found.append(f"{alter} ALTER COLUMN {column} {then}")
        if self.not_null:
            found.append(f"{alter} ALTER COLUMN {column} SET NOT NULL")
        return found


def widen(sync: Sync, table: QualifiedName, columns: Sequence[str]) -> None:
    """Add the source's new ``columns`` to the table's counterpart, all or none.

    Raises:
        RelationDrifted: what rows from before hold in a column is not known, or a column is gone again.
    """
    added = _read(sync, table, columns)
    target = sync.shapes.table(table)
    _refuse_unknown(table, columns, added)
    with (
        typed_errors(sync.target, f"adding columns to {target}"),
        connect(sync.target, lock_timeout=_LOCK_TIMEOUT) as conn,
    ):
        for column in added:
            for statement in column.statements(target, sync.shapes.column(table, column.name)):
                conn.execute(statement)
    said = ", ".join(f"{column.name} {column.type}" for column in added)
    _LOG.warning("%s got new columns on the source, and so does %s: %s.", table, target, said)


def _read(sync: Sync, table: QualifiedName, columns: Sequence[str]) -> tuple[AddedColumn, ...]:
    doing = f"reading the new columns of {table}"
    with connect(sync.source) as conn, typed_errors(sync.source, doing), empty_search_path(conn):
        asked = {"schema": table.schema, "table": table.name, "columns": list(columns)}
        rows = conn.execute(query(__package__, "added_columns"), asked).fetchall()
    return tuple(AddedColumn(*row) for row in rows)


def _refuse_unknown(table: QualifiedName, columns: Sequence[str], added: Sequence[AddedColumn]) -> None:
    gone = set(columns) - {column.name for column in added}
    if gone:
        raise RelationDrifted(
            f"Table {table} got columns on the source that are gone or renamed since: "
            f"{', '.join(sorted(gone))}. Nothing after that was applied.",
            remedy="Add them to the target's table by hand, and start incremental again; then do what was "
            "done next.",
        )
    if filled := [column.name for column in added if column.filled]:
        raise RelationDrifted(
            f"Table {table} got columns on the source that were filled for the rows that were there, which "
            f"replication does not carry: {', '.join(filled)}. Nothing after that was applied.",
            remedy="Add them to the target's table by hand, start incremental again, then load it anew.",
        )
