"""``adbsync.statement``: which DDL has run, so that a rerun continues where it stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg import sql

from airflow_adbsync.engine.connect import Connection


def done(conn: Connection, sync_id: str) -> frozenset[str]:
    """Return the objects whose statement has run."""
    rows = conn.execute(
        "SELECT object FROM adbsync.statement WHERE sync_id = %s AND done_at IS NOT NULL",
        (sync_id,),
    ).fetchall()
    return frozenset(row[0] for row in rows)


def done_as(conn: Connection, sync_id: str) -> dict[str, str]:
    """Return the objects whose statement has run, each with that statement."""
    rows = conn.execute(
        "SELECT object, sql FROM adbsync.statement WHERE sync_id = %s AND done_at IS NOT NULL",
        (sync_id,),
    ).fetchall()
    return dict(rows)


def note_done(sync_id: str, statements: Sequence[tuple[str, str]]) -> sql.Composed:
    """The SQL that notes statements as done, each with what it made; for the transaction that runs them."""
    row = sql.SQL("({}, {}, {}, clock_timestamp())")
    return sql.SQL(
        """
        INSERT INTO adbsync.statement (sync_id, object, sql, done_at)
        VALUES {}
        ON CONFLICT (sync_id, object) DO UPDATE
        SET sql = excluded.sql, done_at = excluded.done_at, error = NULL
        """
    ).format(sql.SQL(", ").join(row.format(sync_id, name, text) for name, text in statements))


def record(conn: Connection, sync_id: str, object_: str, sql: str, error: str | None = None) -> None:
    """Note a statement as done, or as failed with the server's message."""
    conn.execute(
        """
        INSERT INTO adbsync.statement (sync_id, object, sql, done_at, error)
        VALUES (%s, %s, %s, CASE WHEN %s::text IS NULL THEN clock_timestamp() END, %s)
        ON CONFLICT (sync_id, object) DO UPDATE
        SET sql = excluded.sql, done_at = excluded.done_at, error = excluded.error
        """,
        (sync_id, object_, sql, error, error),
    )


def activations_since(conn: Connection, sync_id: str, moment: datetime) -> dict[str, str]:
    """Return what has been switched on since then, each with its statement."""
    rows = conn.execute(
        """
        SELECT object, sql FROM adbsync.statement
        WHERE sync_id = %s AND done_at >= %s
          AND (object LIKE 'activation of %%' OR object LIKE 'forced row security of %%')
        """,
        (sync_id, moment),
    ).fetchall()
    return dict(rows)


def forget(conn: Connection, sync_id: str, object_: str) -> None:
    """Remove a statement that was undone, so that it is run again when it is needed again."""
    conn.execute("DELETE FROM adbsync.statement WHERE sync_id = %s AND object = %s", (sync_id, object_))
