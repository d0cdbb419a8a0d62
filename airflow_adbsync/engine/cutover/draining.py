"""Bringing the target to where the fenced source's log ends."""

from __future__ import annotations

import logging
import time

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.cutover.standing import require_fence
from airflow_adbsync.engine.errors import ApplierBusy, FenceLeaked
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication import AtLsn, apply, current_position, request_stop
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
_LOOK_EVERY = 0.05
# An applier that was asked to stop finishes its batch, which can be large.
_LEAVES_WITHIN = 60.0


def drain(sync: Sync) -> Lsn:
    """Return once the target holds all that the fenced source has committed.

    An applier that runs is asked to stop there; where none runs, this is one.

    Raises:
        NotFenced: the source is not fenced.
        AdbsyncError: what ends an applier.
    """
    final = require_fence(sync).final_lsn
    assert final is not None  # noqa: S101 - require_fence saw to it
    with (
        state.phases.running(sync.target, sync.sync_id, "drain"),
        connect(sync.target, autocommit=True) as target,
        typed_errors(sync.target, "draining"),
    ):
        request_stop(sync, final)
        while _progress(target, sync) < final:
            if state.ownership.is_owned(target, sync.sync_id):
                time.sleep(_LOOK_EVERY)
                continue
            try:
                apply(sync, AtLsn(final))
            except ApplierBusy:
                continue
    _LOG.info("The target holds everything up to %s.", final)
    return final


def require_silence(sync: Sync) -> None:
    """Return if nothing of the sync has been written to the source since it was fenced.

    Raises:
        FenceLeaked: something has.
        NotFenced: the source is not fenced.
        ApplierBusy: an applier of somebody else's goes on.
    """
    with connect(sync.target, autocommit=True) as target, typed_errors(sync.target, "looking at progress"):
        before = _changes(target, sync)
        _apply_the_rest(sync, target)
        leaked = _changes(target, sync) - before
    if leaked:
        raise FenceLeaked(
            f"{leaked} changes were made on the source ({sync.source}) after it was fenced "
            f"(fence: {sync.config.cutover.fence}); they are on the target too, which has not taken over.",
            remedy="Find who writes: superusers pass `revoke`, sessions that turn transaction_read_only off "
            "pass `read_only`, and `none` keeps nobody out. Stop them, then try again.",
        )


def _apply_the_rest(sync: Sync, target: Connection) -> None:
    """Several tasks may follow one sync: as one leaves, which meets the request to stop, another may come."""
    final = require_fence(sync).final_lsn
    assert final is not None  # noqa: S101 - require_fence saw to it
    deadline = time.monotonic() + _LEAVES_WITHIN
    while True:
        late = time.monotonic() > deadline
        if not late and state.ownership.is_owned(target, sync.sync_id):
            state.progress.request_stop(target, sync.sync_id, final)
            time.sleep(_LOOK_EVERY)
            continue
        # Or this one would stop there too, and not see what came behind.
        state.progress.clear_stop(target, sync.sync_id)
        try:
            apply(sync, AtLsn(current_position(sync)))
        except ApplierBusy:
            if late:
                raise
        else:
            return


def _progress(target: Connection, sync: Sync) -> Lsn:
    found = state.progress.find(target, sync.sync_id)
    return found.lsn if found else Lsn(0)


def _changes(target: Connection, sync: Sync) -> int:
    found = state.progress.find(target, sync.sync_id)
    return found.changes if found else 0
