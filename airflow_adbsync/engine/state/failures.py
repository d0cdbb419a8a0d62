"""``adbsync.failure``: the last errors of a sync's phases, whatever became of them since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from airflow_adbsync.engine.connect import Connection

_KEPT = 20
LAST = """
    SELECT failed_at, phase, message FROM adbsync.failure
    WHERE sync_id = %(sync_id)s ORDER BY failed_at DESC LIMIT 10
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """How a run of a phase ended; ``message`` says what to do, too."""

    failed_at: datetime
    phase: str
    message: str


def note(conn: Connection, sync_id: str, phase: str, message: str) -> None:
    """Keep an error, and the 19 before it."""
    conn.execute(
        "INSERT INTO adbsync.failure (sync_id, phase, message) VALUES (%s, %s, %s)",
        (sync_id, phase, message),
    )
    conn.execute(
        """
        DELETE FROM adbsync.failure WHERE sync_id = %(sync_id)s AND failed_at < (
            SELECT min(failed_at) FROM (
                SELECT failed_at FROM adbsync.failure
                WHERE sync_id = %(sync_id)s ORDER BY failed_at DESC LIMIT %(kept)s) AS latest)
        """,
        {"sync_id": sync_id, "kept": _KEPT},
    )
