"""The fence that stands, as the target has it written down."""

from __future__ import annotations

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.errors import NotFenced
from airflow_adbsync.engine.state.fences import Fence
from airflow_adbsync.engine.sync import Sync


def find_fence(sync: Sync) -> Fence | None:
    """Return the sync's fence, whatever has become of it; None where there is none."""
    with connect(sync.target, autocommit=True) as target, typed_errors(sync.target, "looking for a fence"):
        return state.fences.find(target, sync.sync_id) if state.is_present(target) else None


def require_fence(sync: Sync) -> Fence:
    """Return the fence that keeps writes out of the source.

    Raises:
        NotFenced: there is none, it is not finished, or an abort has begun.
    """
    found = find_fence(sync)
    if found is None or found.final_lsn is None or found.aborted_at:
        raise NotFenced(
            f"The source of sync {sync.sync_id!r} ({sync.source}) is not fenced.",
            remedy="Run the fence first.",
        )
    return found
