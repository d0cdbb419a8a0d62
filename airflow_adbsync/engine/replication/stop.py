"""Asking a running applier to leave cleanly."""

from __future__ import annotations

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication.source_clock import SourceClock
from airflow_adbsync.engine.sync import Sync


def request_stop(sync: Sync, at: Lsn | None = None) -> Lsn:
    """Ask the applier to stop once all up to ``at`` is applied; without it, up to the source's present.

    Raises:
        SyncUnknown: the target holds no such sync.
    """
    if at is None:
        with SourceClock(sync.source) as clock:
            at = clock.position()
    with connect(sync.target) as conn, typed_errors(sync.target, "asking the applier to stop"):
        state.syncs.get(conn, sync.sync_id)
        state.progress.request_stop(conn, sync.sync_id, at)
        conn.commit()
    return at
