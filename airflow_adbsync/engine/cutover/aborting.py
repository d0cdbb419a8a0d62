"""Giving a cut-over up: writes go to the source again, and the target is as it was."""

from __future__ import annotations

import logging

from airflow_adbsync.engine import schema, state
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.cutover.fencing import take_down
from airflow_adbsync.engine.cutover.reversing import find_begun, find_reverse
from airflow_adbsync.engine.cutover.standing import find_fence
from airflow_adbsync.engine.errors import SwitchedOver
from airflow_adbsync.engine.release import release
from airflow_adbsync.engine.replication import withdraw_stop
from airflow_adbsync.engine.state.fences import Fence
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)


def abort(sync: Sync) -> bool:
    """Undo exactly what the cut-over has done so far; tell whether there was anything to undo.

    The source first, for nobody can write as long as it is fenced. Replication goes on from where it is.
    Safe to run again, also after it was killed; until it has ended, no cut-over can go on.

    Raises:
        SwitchedOver: the target has taken over already.
    """
    found = find_fence(sync)
    if found is None:
        return _release_unused(sync)
    if found.switched_at:
        raise SwitchedOver(
            f"Sync {sync.sync_id!r} was cut over at {found.switched_at:%Y-%m-%d %H:%M:%S %Z}: there is "
            "nothing to abort.",
            remedy="To go back, cut over the sync the other way (`cutover: {reverse: true}`).",
        )
    with connect(sync.target, autocommit=True) as target, typed_errors(sync.target, "noting the abort"):
        state.fences.set_aborted(target, sync.sync_id)
    take_down(sync, found)
    _restore_target(sync, found)
    if sync.config.cutover.reverse and (back := find_reverse(sync)):
        release(back, force=True)
    withdraw_stop(sync)
    with connect(sync.target, autocommit=True) as target, typed_errors(sync.target, "forgetting the fence"):
        state.fences.forget(target, sync.sync_id)
    _LOG.info("The cut-over of sync %s is aborted; both sides are as they were.", sync.sync_id)
    return True


def finish_abort(sync: Sync) -> None:
    """End an abort that was begun and killed; without one, nothing."""
    found = find_fence(sync)
    if found and found.aborted_at:
        abort(sync)


def _release_unused(sync: Sync) -> bool:
    """A way back that was prepared, and no fence put up for it."""
    if not sync.config.cutover.reverse or find_begun(sync) or not (back := find_reverse(sync)):
        return False
    release(back, force=True)
    return True


def _restore_target(sync: Sync, found: Fence) -> None:
    schema.deactivate(sync, found.fenced_at)
    with connect(sync.target) as target, typed_errors(sync.target, "putting sequences back"):
        for each in found.sequences:
            target.execute(
                "SELECT setval(%s::regclass, %s, %s)", (each.name, each.last_value, each.is_called)
            )
