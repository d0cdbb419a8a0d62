"""``adbsync.finding``: the latest precheck's findings."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Finding, Status


def replace(conn: Connection, sync_id: str, findings: Iterable[Finding]) -> None:
    """Put these in the place of the earlier ones."""
    conn.execute("DELETE FROM adbsync.finding WHERE sync_id = %s", (sync_id,))
    with conn.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO adbsync.finding (sync_id, check_name, subject, status, found, remedy)
            VALUES (%s, %s, %s, %s, %s, %s)
            """,
            [(sync_id, item.check, item.subject, item.status, item.found, item.remedy) for item in findings],
        )


def read(conn: Connection, sync_id: str) -> tuple[Finding, ...]:
    """Return the latest findings."""
    rows = conn.execute(
        "SELECT check_name, status, found, remedy, subject FROM adbsync.finding WHERE sync_id = %s",
        (sync_id,),
    ).fetchall()
    return tuple(Finding(row[0], Status(row[1]), *row[2:]) for row in rows)
