"""``adbsync.statement``: which DDL has run, so that a rerun continues where it stopped."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_adbsync.engine.connect import Connection


def done(conn: Connection, sync_id: str) -> frozenset[str]:
    """Return the objects whose statement has run."""
    rows = conn.execute(
        "SELECT object FROM adbsync.statement WHERE sync_id = %s AND done_at IS NOT NULL",
        (sync_id,),
    ).fetchall()
    return frozenset(row[0] for row in rows)


def record_done(conn: Connection, sync_id: str, statements: Sequence[tuple[str, str]]) -> None:
    """Note statements as done, each with what it made and its SQL."""
    conn.execute(
        """
        INSERT INTO adbsync.statement (sync_id, object, sql, done_at)
        SELECT %s, object, sql, clock_timestamp() FROM unnest(%s::text[], %s::text[]) AS s (object, sql)
        ON CONFLICT (sync_id, object) DO UPDATE
        SET sql = excluded.sql, done_at = excluded.done_at, error = NULL
        """,
        (sync_id, [name for name, _ in statements], [sql for _, sql in statements]),
    )


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
