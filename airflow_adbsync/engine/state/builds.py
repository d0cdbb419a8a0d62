"""``adbsync.build``: keys and indexes that can be built as soon as their table is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName


@dataclass(frozen=True, slots=True)
class Build:
    """A statement of the schema phase that needs the rows of one table, ``table`` as the target names it.

    ``object`` is what it makes, as ``adbsync.statement`` names it; a key (``is_key``) locks out all else.
    """

    object: str
    table: QualifiedName
    is_key: bool
    sql: str


def plan(conn: Connection, sync_id: str, builds: Sequence[Build]) -> None:
    """Note these, in their order, and no others."""
    conn.execute("DELETE FROM adbsync.build WHERE sync_id = %s", (sync_id,))
    conn.execute(
        """
        INSERT INTO adbsync.build (sync_id, object, schema_name, table_name, is_key, sql, place)
        SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[])
        WITH ORDINALITY
        """,
        (
            sync_id,
            [item.object for item in builds],
            [item.table.schema for item in builds],
            [item.table.name for item in builds],
            [item.is_key for item in builds],
            [item.sql for item in builds],
        ),
    )


def waiting(conn: Connection, sync_id: str, table: QualifiedName) -> tuple[Build, ...]:
    """Return what is still to be built on a table, in its order; nothing that the server has refused."""
    rows = conn.execute(
        """
        SELECT b.object, b.is_key, b.sql FROM adbsync.build b
        WHERE b.sync_id = %s AND b.schema_name = %s AND b.table_name = %s
          AND NOT EXISTS (SELECT FROM adbsync.statement s WHERE s.sync_id = b.sync_id AND s.object = b.object)
        ORDER BY b.place
        """,
        (sync_id, table.schema, table.name),
    ).fetchall()
    return tuple(Build(object_, table, is_key, sql) for object_, is_key, sql in rows)
