"""``adbsync.chunk``: the parts in which a large table is loaded, and which of them are committed.

Whoever loads a table claims it first. A chunk is noted under a claim, in the transaction that holds its rows;
where the table was claimed anew meanwhile, it is not, and that transaction must not commit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName, Snapshot


@dataclass(frozen=True, slots=True)
class ChunkState:
    """A chunk: ``condition`` picks its rows on the source; ``snapshot`` is None until they are committed."""

    number: int
    condition: str
    snapshot: Snapshot | None
    rows: int
    bytes: int


def claim(conn: Connection, sync_id: str, name: QualifiedName) -> tuple[int, str | None]:
    """Take the table's chunks over; return the claim, and the definition under which they were read so far.

    It waits for a transaction that is noting a chunk.
    """
    row = conn.execute(
        """
        UPDATE adbsync.relation SET claim = (random() * 9e15)::bigint
        WHERE sync_id = %s AND schema_name = %s AND table_name = %s
        RETURNING claim, read_as
        """,
        (sync_id, name.schema, name.name),
    ).fetchone()
    assert row is not None  # noqa: S101 - the caller has found the table
    return row[0], row[1]


def holds(conn: Connection, sync_id: str, name: QualifiedName, claimed: int) -> bool:
    """Tell whether the claim still stands; if so, it does until the transaction ends."""
    row = conn.execute(
        """
        SELECT claim FROM adbsync.relation
        WHERE sync_id = %s AND schema_name = %s AND table_name = %s FOR SHARE
        """,
        (sync_id, name.schema, name.name),
    ).fetchone()
    return row is not None and row[0] == claimed


def read(conn: Connection, sync_id: str, name: QualifiedName) -> tuple[ChunkState, ...]:
    """Return the table's chunks in their order."""
    rows = conn.execute(
        """
        SELECT number, condition, snapshot, coalesce(rows, 0), coalesce(bytes, 0) FROM adbsync.chunk
        WHERE sync_id = %s AND schema_name = %s AND table_name = %s ORDER BY number
        """,
        (sync_id, name.schema, name.name),
    ).fetchall()
    return tuple(
        ChunkState(number, condition, Snapshot.parse(text) if text else None, count, size)
        for number, condition, text, count, size in rows
    )


def begin(
    conn: Connection, sync_id: str, name: QualifiedName, conditions: Iterable[str], read_as: str
) -> None:
    """Note how the table is cut, in place of an earlier way; nothing of it is loaded."""
    forget(conn, sync_id, name)
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO adbsync.chunk (sync_id, schema_name, table_name, number, condition) "
            "VALUES (%s, %s, %s, %s, %s)",
            [
                (sync_id, name.schema, name.name, number, condition)
                for number, condition in enumerate(conditions)
            ],
        )
    conn.execute(
        "UPDATE adbsync.relation SET read_as = %s "
        "WHERE sync_id = %s AND schema_name = %s AND table_name = %s",
        (read_as, sync_id, name.schema, name.name),
    )


def record(
    conn: Connection,
    sync_id: str,
    name: QualifiedName,
    number: int,
    *,
    snapshot: Snapshot,
    rows: int,
    bytes_: int,
    seconds: float,
) -> None:
    """Note that a chunk's rows are there, as this snapshot saw them."""
    conn.execute(
        """
        UPDATE adbsync.chunk
        SET snapshot = %s, rows = %s, bytes = %s, seconds = %s, loaded_at = clock_timestamp()
        WHERE sync_id = %s AND schema_name = %s AND table_name = %s AND number = %s
        """,
        (str(snapshot), rows, bytes_, seconds, sync_id, name.schema, name.name, number),
    )


def forget(conn: Connection, sync_id: str, name: QualifiedName) -> None:
    """Forget the table's chunks."""
    conn.execute(
        "DELETE FROM adbsync.chunk WHERE sync_id = %s AND schema_name = %s AND table_name = %s",
        (sync_id, name.schema, name.name),
    )
