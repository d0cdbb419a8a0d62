"""``adbsync.phase``: which phase has run, and how long it took."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.state import failures
from airflow_adbsync.engine.state.control_schema import is_present

_LOG = logging.getLogger(__name__)


def _whole(_conn: Connection) -> bool:
    return True


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
    if error:
        failures.note(conn, sync_id, phase, error)


def ran(conn: Connection, sync_id: str, phase: str, seconds: float) -> None:
    """Note a phase that ended just now, unless it could be noted while it ran."""
    conn.execute(
        """
        INSERT INTO adbsync.phase (sync_id, phase, state, started_at, finished_at)
        VALUES (%s, %s, 'done', clock_timestamp() - make_interval(secs => %s), clock_timestamp())
        ON CONFLICT (sync_id, phase) DO NOTHING
        """,
        (sync_id, phase, seconds),
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


@contextmanager
def running(
    endpoint: Endpoint, sync_id: str, phase: str, complete: Callable[[Connection], bool] = _whole
) -> Iterator[None]:
    """Note on the target that a phase runs, and how it ended.

    Each note has a short connection of its own, so it stands whatever becomes of the phase's transactions.
    It is made as well as can be: where the control schema is not there yet, or the target can't be reached,
    the phase runs without. A phase of many tasks stays ``running`` until ``complete`` says it is whole.
    """
    _note(endpoint, phase, lambda conn: started(conn, sync_id, phase))
    try:
        yield
    except BaseException as error:
        message = str(error) or type(error).__name__
        _note(endpoint, phase, lambda conn: finished(conn, sync_id, phase, message))
        raise
    _note(endpoint, phase, lambda conn: finished(conn, sync_id, phase) if complete(conn) else None)


def _note(endpoint: Endpoint, phase: str, write: Callable[[Connection], None]) -> None:
    try:
        with connect(endpoint, autocommit=True) as conn, typed_errors(endpoint, f"noting phase {phase}"):
            if is_present(conn):
                write(conn)
    except AdbsyncError as error:
        _LOG.warning("Phase %s could not be noted on the target: %s", phase, error)
