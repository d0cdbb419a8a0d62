"""Asking a running applier to leave cleanly."""

from __future__ import annotations

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication.source_clock import SourceClock
from airflow_adbsync.engine.sync import Sync


def current_position(sync: Sync) -> Lsn:
    """Return an LSN below which lies all that the source has committed by now; the stream gets past it."""
    with SourceClock(sync.source) as clock:
        return clock.position()


def request_stop(sync: Sync, at: Lsn | None = None, *, actor: str = "") -> Lsn:
    """Ask the applier to stop once all up to ``at`` is applied; without it, up to the source's present.

    Who asks is noted on the target if ``actor`` says so.

    Raises:
        SyncUnknown: the target holds no such sync.
    """
    if at is None:
        at = current_position(sync)
    with connect(sync.target) as conn, typed_errors(sync.target, "asking the applier to stop"):
        state.syncs.get(conn, sync.sync_id)
        state.progress.request_stop(conn, sync.sync_id, at)
        if actor:
            state.actions.record(conn, sync.sync_id, actor=actor, action="stop", detail=f"at {at}")
        conn.commit()
    return at


def withdraw_stop(sync: Sync, *, actor: str = "") -> None:
    """Take the request back; an applier that has stopped already stays so.

    Raises:
        SyncUnknown: the target holds no such sync.
    """
    with connect(sync.target) as conn, typed_errors(sync.target, "withdrawing the request to stop"):
        state.syncs.get(conn, sync.sync_id)
        state.progress.clear_stop(conn, sync.sync_id)
        if actor:
            state.actions.record(conn, sync.sync_id, actor=actor, action="go on")
        conn.commit()
