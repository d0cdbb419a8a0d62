"""``adbsync.phase``: which phase has run, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from airflow_adbsync.engine.connect import Connection


@dataclass(frozen=True, slots=True)
class PhaseRun:
    """The latest run of a phase; ``state`` is running, done or failed."""

    phase: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    message: str | None


def started(conn: Connection, sync_id: str, phase: str) -> None:
    """Note that a phase begins; a phase of many tasks keeps the time of its first."""
    conn.execute(
        """
        INSERT INTO adbsync.phase (sync_id, phase, state, started_at)
        VALUES (%s, %s, 'running', clock_timestamp())
        ON CONFLICT (sync_id, phase) DO UPDATE
        SET state = 'running', finished_at = NULL, message = NULL,
            started_at = CASE WHEN phase.state = 'running' THEN phase.started_at ELSE excluded.started_at END
        """,
        (sync_id, phase),
    )


def finished(conn: Connection, sync_id: str, phase: str, error: str | None = None) -> None:
    """Note that a phase ended, well or with an error."""
    conn.execute(
        """
        UPDATE adbsync.phase SET state = %s, finished_at = clock_timestamp(), message = %s
        WHERE sync_id = %s AND phase = %s
        """,
        ("failed" if error else "done", error, sync_id, phase),
    )


def read(conn: Connection, sync_id: str) -> tuple[PhaseRun, ...]:
    """Return the phases in the order in which they began."""
    rows = conn.execute(
        """
        SELECT phase, state, started_at, finished_at, message
        FROM adbsync.phase WHERE sync_id = %s ORDER BY started_at
        """,
        (sync_id,),
    ).fetchall()
    return tuple(PhaseRun(*row) for row in rows)
