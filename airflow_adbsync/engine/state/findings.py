"""``adbsync.finding``: the latest precheck's findings, and who acknowledged which alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Finding, Status


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An alert that somebody accepted."""

    check: str
    subject: str
    by: str
    at: datetime


def replace(
    conn: Connection, sync_id: str, findings: Iterable[Finding], acknowledged: Mapping[str, str] | None = None
) -> None:
    """Put these in the place of the earlier ones.

    ``acknowledged`` leads from the checks whose alerts are accepted to who did that. An alert that the same
    one had accepted already keeps that moment.
    """
    by = acknowledged or {}
    before = {(item.check, item.subject, item.by): item.at for item in read_acknowledged(conn, sync_id)}
    conn.execute("DELETE FROM adbsync.finding WHERE sync_id = %s", (sync_id,))
    rows = []
    for item in findings:
        who = by.get(item.check) if item.status is Status.ALERT else None
        since = before.get((item.check, item.subject, who)) if who else None
        texts = (item.check, item.subject, item.status, item.found, item.remedy)
        rows.append((sync_id, *texts, who, who, since))
    with conn.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO adbsync.finding
                (sync_id, check_name, subject, status, found, remedy, acknowledged_by, acknowledged_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s,
                    CASE WHEN %s::text IS NOT NULL THEN coalesce(%s::timestamptz, clock_timestamp()) END)
            """,
            rows,
        )


def read(conn: Connection, sync_id: str) -> tuple[Finding, ...]:
    """Return the latest findings."""
    rows = conn.execute(
        "SELECT check_name, status, found, remedy, subject FROM adbsync.finding WHERE sync_id = %s",
        (sync_id,),
    ).fetchall()
    return tuple(Finding(row[0], Status(row[1]), *row[2:]) for row in rows)


def read_acknowledged(conn: Connection, sync_id: str) -> tuple[Acknowledgement, ...]:
    """Return which of the latest alerts were accepted, by whom and when."""
    rows = conn.execute(
        """
        SELECT check_name, subject, acknowledged_by, acknowledged_at
        FROM adbsync.finding WHERE sync_id = %s AND acknowledged_by IS NOT NULL
        """,
        (sync_id,),
    ).fetchall()
    return tuple(Acknowledgement(*row) for row in rows)
