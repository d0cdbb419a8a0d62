"""``adbsync.relation``: the sync's tables, and the snapshot under which each was loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Lsn, QualifiedName, Snapshot


@dataclass(frozen=True, slots=True)
class RelationState:
    """``snapshot`` is None until the table is loaded; ``generation`` grows with each load."""

    name: QualifiedName
    snapshot: Snapshot | None
    rows: int | None
    bytes: int | None
    generation: int


def enlist(conn: Connection, sync_id: str, names: Iterable[QualifiedName]) -> None:
    """Add tables to the sync; those it has already keep their state."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO adbsync.relation (sync_id, schema_name, table_name) VALUES (%s, %s, %s)
            ON CONFLICT (sync_id, schema_name, table_name) DO NOTHING
            """,
            [(sync_id, name.schema, name.name) for name in names],
        )


def delist_others(conn: Connection, sync_id: str, names: Iterable[QualifiedName]) -> None:
    """Take all other tables out of the sync; one that comes back later is loaded again."""
    kept = list(names)
    for table in ("chunk", "relation"):
        conn.execute(
            sql.SQL(
                "DELETE FROM adbsync.{} WHERE sync_id = %s AND (schema_name, table_name) NOT IN "
                "(SELECT * FROM unnest(%s::text[], %s::text[]))"
            ).format(sql.Identifier(table)),
            (sync_id, [name.schema for name in kept], [name.name for name in kept]),
        )


def unload(conn: Connection, sync_id: str, names: Iterable[QualifiedName]) -> None:
    """Let tables count as not loaded, so that they are loaded anew; their rows stay until then."""
    here = "WHERE sync_id = %s AND schema_name = %s AND table_name = %s"
    unload = f"UPDATE adbsync.relation SET snapshot = NULL, generation = generation + 1 {here}"
    for name in names:
        for statement in (unload, f"DELETE FROM adbsync.chunk {here}"):
            conn.execute(statement, (sync_id, name.schema, name.name))


def read(conn: Connection, sync_id: str) -> dict[QualifiedName, RelationState]:
    """Return every table of the sync."""
    rows = conn.execute(
        """
        SELECT schema_name, table_name, snapshot, rows, bytes, generation
        FROM adbsync.relation WHERE sync_id = %s ORDER BY schema_name, table_name
        """,
        (sync_id,),
    ).fetchall()
    return {state.name: state for state in map(_state, rows)}


def loaded_after(conn: Connection, sync_id: str, lsn: Lsn) -> list[QualifiedName]:
    """Return the tables that were loaded, or are in part, when the source's log had gone past a position."""
    rows = conn.execute(
        """
        SELECT schema_name, table_name FROM adbsync.relation r
        WHERE sync_id = %(sync)s AND (
            snapshot IS NOT NULL AND coalesce(read_lsn > %(lsn)s::pg_lsn, true)
            OR snapshot IS NULL AND EXISTS (
                SELECT FROM adbsync.chunk c
                WHERE (c.sync_id, c.schema_name, c.table_name) = (r.sync_id, r.schema_name, r.table_name)
                AND c.snapshot IS NOT NULL))
        ORDER BY 1, 2
        """,
        {"sync": sync_id, "lsn": str(lsn)},
    ).fetchall()
    return [QualifiedName(schema, name) for schema, name in rows]


def read_others(conn: Connection, sync_id: str) -> dict[str, tuple[dict[str, Any], list[QualifiedName]]]:
    """Return every other sync of this target: its configuration and its tables, by the source's names."""
    rows = conn.execute(
        """
        SELECT s.sync_id, s.config, r.schema_name, r.table_name
        FROM adbsync.sync s JOIN adbsync.relation r ON r.sync_id = s.sync_id
        WHERE s.sync_id <> %s ORDER BY s.sync_id, r.schema_name, r.table_name
        """,
        (sync_id,),
    ).fetchall()
    found: dict[str, tuple[dict[str, Any], list[QualifiedName]]] = {}
    for other, config, schema, name in rows:
        found.setdefault(other, (config, []))[1].append(QualifiedName(schema, name))
    return found


def find(conn: Connection, sync_id: str, name: QualifiedName) -> RelationState | None:
    """Return one table of the sync, or None where it is not the sync's."""
    row = conn.execute(
        """
        SELECT schema_name, table_name, snapshot, rows, bytes, generation
        FROM adbsync.relation WHERE sync_id = %s AND schema_name = %s AND table_name = %s
        """,
        (sync_id, name.schema, name.name),
    ).fetchone()
    return _state(row) if row else None


def generation(conn: Connection, sync_id: str) -> int:
    """Return a number that changes whenever a table is loaded, or joins or leaves the sync."""
    row = conn.execute(
        """
        SELECT coalesce(sum(hashtext(concat_ws('.', schema_name, table_name, generation))::bigint), 0)::bigint
        FROM adbsync.relation WHERE sync_id = %s
        """,
        (sync_id,),
    ).fetchone()
    return int(row[0]) if row else 0


def set_loaded(
    conn: Connection,
    sync_id: str,
    name: QualifiedName,
    *,
    snapshot: Snapshot,
    rows: int,
    bytes_: int,
    seconds: float,
    column_numbers: Mapping[str, int] = MappingProxyType({}),
    read_lsn: Lsn | None = None,
) -> None:
    """Note a finished load, in the transaction that holds its rows.

    ``column_numbers`` are the source's; those that are not known are noted when replication starts.
    ``read_lsn`` is where the source's log stood once the snapshot had been taken, or later.
    """
    conn.execute(
        """
        UPDATE adbsync.relation
        SET snapshot = %s, rows = %s, bytes = %s, seconds = %s, loaded_at = clock_timestamp(),
            column_numbers = %s, read_lsn = %s::pg_lsn, generation = generation + 1
        WHERE sync_id = %s AND schema_name = %s AND table_name = %s
        """,
        (
            *(str(snapshot), rows, bytes_, seconds, Jsonb(dict(column_numbers))),
            *(str(read_lsn) if read_lsn is not None else None, sync_id, name.schema, name.name),
        ),
    )


def make_lasting(conn: Connection, sync_id: str) -> None:
    """Write a row, so that the caller's commit flushes the log, and with it all that was committed before.

    A commit that has written nothing does not (PostgreSQL doc: Asynchronous Commit).
    """
    conn.execute(
        """
        UPDATE adbsync.relation SET generation = generation
        WHERE sync_id = %s AND (schema_name, table_name) =
            (SELECT schema_name, table_name FROM adbsync.relation WHERE sync_id = %s LIMIT 1)
        """,
        (sync_id, sync_id),
    )


def column_numbers(conn: Connection, sync_id: str) -> dict[QualifiedName, dict[str, int]]:
    """Return the numbers that the source's columns had when they were loaded, or first seen."""
    rows = conn.execute(
        "SELECT schema_name, table_name, coalesce(column_numbers, '{}') FROM adbsync.relation "
        "WHERE sync_id = %s",
        (sync_id,),
    ).fetchall()
    return {QualifiedName(schema, name): numbers for schema, name, numbers in rows}


def note_columns(conn: Connection, sync_id: str, columns: Mapping[QualifiedName, Mapping[str, int]]) -> None:
    """Note columns that tables have got since their load; what was noted before stays."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """
            UPDATE adbsync.relation SET column_numbers = %s || coalesce(column_numbers, '{}')
            WHERE sync_id = %s AND schema_name = %s AND table_name = %s
            """,
            [(Jsonb(dict(numbers)), sync_id, name.schema, name.name) for name, numbers in columns.items()],
        )


def note_changes(conn: Connection, sync_id: str, lsn: Lsn, rows: Mapping[QualifiedName, int]) -> None:
    """Note which tables a commit that ends at ``lsn`` changed and how many rows of each, in one with it."""
    if not rows:
        return
    conn.execute(
        """
        UPDATE adbsync.relation AS r
        SET changed_lsn = %s::pg_lsn, changed_rows = r.changed_rows + c.rows
        FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS c (schema_name, table_name, rows)
        WHERE r.sync_id = %s AND r.schema_name = c.schema_name AND r.table_name = c.table_name
        """,
        (
            str(lsn),
            [name.schema for name in rows],
            [name.name for name in rows],
            list(rows.values()),
            sync_id,
        ),
    )


def note_conflicts(conn: Connection, sync_id: str, rows: Mapping[QualifiedName, int]) -> None:
    """Count rows that were missing or in the way and were put up with, in the transaction that did so."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """
            UPDATE adbsync.relation SET conflicts = conflicts + %s
            WHERE sync_id = %s AND schema_name = %s AND table_name = %s
            """,
            [(count, sync_id, name.schema, name.name) for name, count in rows.items() if count],
        )


def _state(row: tuple[Any, ...]) -> RelationState:
    schema, name, snapshot, *rest = row
    return RelationState(QualifiedName(schema, name), Snapshot.parse(snapshot) if snapshot else None, *rest)
