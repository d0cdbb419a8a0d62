"""``adbsync.verification_portion``: what a verification has done, for another attempt of the same run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName


@dataclass(frozen=True, slots=True)
class StoredPortion:
    """A part of a table, between two keys; ``rows`` and ``checksum`` are set once it is known to be equal."""

    table: QualifiedName
    number: int
    lower: tuple[str, ...] | None
    upper: tuple[str, ...] | None
    percent: int
    estimate: int
    rows: int | None = None
    checksum: str | None = None


def begin(conn: Connection, sync_id: str, run: str, portions: Sequence[StoredPortion]) -> None:
    """Store what a run is going to compare; what another run has left is forgotten."""
    forget(conn, sync_id)
    with conn.cursor() as cursor, cursor.copy(_INTO) as copy:
        for item in portions:
            copy.write_row(
                (
                    sync_id,
                    item.table.schema,
                    item.table.name,
                    item.number,
                    run,
                    list(item.lower) if item.lower is not None else None,
                    list(item.upper) if item.upper is not None else None,
                    item.percent,
                    item.estimate,
                )
            )


def read(conn: Connection, sync_id: str, run: str) -> tuple[StoredPortion, ...]:
    """What this run has stored; nothing if it has not begun."""
    rows = conn.execute(
        """
        SELECT schema_name, table_name, number, lower, upper, percent, estimate, rows, checksum
        FROM adbsync.verification_portion WHERE sync_id = %s AND run = %s
        """,
        (sync_id, run),
    ).fetchall()
    return tuple(
        StoredPortion(
            QualifiedName(schema, name), number, _tuple(lower), _tuple(upper), percent, estimate, *done
        )
        for schema, name, number, lower, upper, percent, estimate, *done in rows
    )


def equal(conn: Connection, sync_id: str, portions: Sequence[StoredPortion]) -> None:
    """Note portions that were found to be equal."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """
            UPDATE adbsync.verification_portion SET rows = %s, checksum = %s
            WHERE sync_id = %s AND schema_name = %s AND table_name = %s AND number = %s
            """,
            [
                (item.rows, item.checksum, sync_id, item.table.schema, item.table.name, item.number)
                for item in portions
            ],
        )


def forget(conn: Connection, sync_id: str) -> None:
    """Forget what is stored of any run."""
    conn.execute("DELETE FROM adbsync.verification_portion WHERE sync_id = %s", (sync_id,))


def _tuple(found: list[str] | None) -> tuple[str, ...] | None:
    return None if found is None else tuple(found)


_INTO = """
    COPY adbsync.verification_portion
        (sync_id, schema_name, table_name, number, run, lower, upper, percent, estimate)
    FROM STDIN
"""
