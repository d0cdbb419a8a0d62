"""``adbsync.kept_table``: tables that were on the target before the sync, and are not emptied unasked."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName


def note(conn: Connection, sync_id: str, names: Iterable[QualifiedName]) -> None:
    """Note these, by their names on the source, and no others; those that are known keep their state."""
    kept = list(names)
    columns = (sync_id, [name.schema for name in kept], [name.name for name in kept])
    conn.execute(
        """
        DELETE FROM adbsync.kept_table
        WHERE sync_id = %s AND (schema_name, table_name) NOT IN (SELECT * FROM unnest(%s::text[], %s::text[]))
        """,
        columns,
    )
    conn.execute(
        """
        INSERT INTO adbsync.kept_table (sync_id, schema_name, table_name)
        SELECT %s, * FROM unnest(%s::text[], %s::text[])
        ON CONFLICT (sync_id, schema_name, table_name) DO NOTHING
        """,
        columns,
    )


def taken_over(conn: Connection, sync_id: str) -> frozenset[QualifiedName]:
    """Return the kept tables whose rows are the sync's by now."""
    rows = conn.execute(
        "SELECT schema_name, table_name FROM adbsync.kept_table WHERE sync_id = %s AND taken_over", (sync_id,)
    ).fetchall()
    return frozenset(QualifiedName(*row) for row in rows)


def is_kept(conn: Connection, sync_id: str, name: QualifiedName) -> bool:
    """Tell whether a table may hold rows that are not the sync's."""
    row = conn.execute(
        """
        SELECT EXISTS (SELECT FROM adbsync.kept_table
                       WHERE sync_id = %s AND schema_name = %s AND table_name = %s AND NOT taken_over)
        """,
        (sync_id, name.schema, name.name),
    ).fetchone()
    return bool(row and row[0])


def take_over(conn: Connection, sync_id: str, name: QualifiedName) -> None:
    """Note, in the transaction that empties a table, that its rows are the sync's from now on."""
    conn.execute(
        """
        UPDATE adbsync.kept_table SET taken_over = true
        WHERE sync_id = %s AND schema_name = %s AND table_name = %s
        """,
        (sync_id, name.schema, name.name),
    )
