"""``adbsync.throttle``: how fast a phase of a sync may go, and the account that its tasks share."""

from __future__ import annotations

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.throttle import Limits, Spending


def set_limits(conn: Connection, sync_id: str, phase: str, limits: Limits) -> None:
    """Set what the phase may spend a second; tasks that run heed it within a second."""
    conn.execute(
        """
        INSERT INTO adbsync.throttle (sync_id, phase, queries, rows, bytes) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (sync_id, phase) DO UPDATE
        SET queries = excluded.queries, rows = excluded.rows, bytes = excluded.bytes,
            earned_at = clock_timestamp()
        WHERE (throttle.queries, throttle.rows, throttle.bytes)
              IS DISTINCT FROM (excluded.queries, excluded.rows, excluded.bytes)
        """,
        (sync_id, phase, limits.queries, limits.rows, limits.bytes),
    )


def limits(conn: Connection, sync_id: str, phase: str) -> Limits:
    """Return what the phase may spend a second."""
    row = conn.execute(
        "SELECT queries, rows, bytes FROM adbsync.throttle WHERE sync_id = %s AND phase = %s",
        (sync_id, phase),
    ).fetchone()
    return Limits(*row) if row else Limits()


def set_paused(conn: Connection, sync_id: str, phase: str, *, paused: bool) -> None:
    """Let the phase carry nothing until that is taken back; it is heeded within a second."""
    conn.execute(
        """
        INSERT INTO adbsync.throttle (sync_id, phase, paused) VALUES (%s, %s, %s)
        ON CONFLICT (sync_id, phase) DO UPDATE SET paused = excluded.paused
        """,
        (sync_id, phase, paused),
    )


def is_paused(conn: Connection, sync_id: str, phase: str) -> bool:
    """Tell whether the phase is to carry nothing."""
    row = conn.execute(
        "SELECT paused FROM adbsync.throttle WHERE sync_id = %s AND phase = %s", (sync_id, phase)
    ).fetchone()
    return bool(row and row[0])


def spend(conn: Connection, sync_id: str, phase: str, spent: Spending) -> tuple[float, Limits]:
    """Book what was spent; return for how many seconds to wait until it is earned, and the limits.

    What nobody spent in time is lost, but for a tenth of a second: otherwise a pause would be followed by a
    flood (the generic cell rate algorithm, ITU-T I.371).
    """
    row = conn.execute(
        """
        UPDATE adbsync.throttle
        SET earned_at = greatest(earned_at, clock_timestamp() - interval '0.1 s') + interval '1 s' * greatest(
            coalesce(%s::float8 / nullif(queries, 0), 0), coalesce(%s::float8 / nullif(rows, 0), 0),
            coalesce(%s::float8 / nullif(bytes, 0), 0))
        WHERE sync_id = %s AND phase = %s
        RETURNING extract(epoch FROM earned_at - clock_timestamp())::float8, queries, rows, bytes
        """,
        (spent.queries, spent.rows, spent.bytes, sync_id, phase),
    ).fetchone()
    if row is None:
        return 0.0, Limits()
    wait, *limited = row
    return max(0.0, wait), Limits(*limited)
