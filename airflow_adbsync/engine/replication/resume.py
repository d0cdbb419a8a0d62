"""Looking, before anything is applied, whether the slot can carry on from the target's progress."""

from __future__ import annotations

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.errors import SlotAhead
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.slot import Slot, find, read_source, require_same_source, require_usable
from airflow_adbsync.engine.sync import Sync


def check_resumable(sync: Sync, progress: Lsn) -> None:
    """Return if the slot stands, on the source that the sync was started with, no further than the target.

    Raises:
        SourceSwapped, SlotMissing, SlotLost, SlotAhead: each says what happened and the way out.
    """
    with connect(sync.target, autocommit=True) as target, typed_errors(sync.target, "reading the sync"):
        record = state.syncs.get(target, sync.sync_id)
    with connect(sync.source, autocommit=True) as source, typed_errors(sync.source, "looking at the slot"):
        require_same_source(record, read_source(source, sync.source))
        slot = require_usable(find(source, record.slot_name), record)
    require_not_ahead(slot, progress)


def require_not_ahead(slot: Slot, progress: Lsn) -> None:
    """Return if the source still holds everything that the target lacks.

    Raises:
        SlotAhead: the slot has let go of changes that the target does not hold.
    """
    if slot.confirmed_flush_lsn is not None and slot.confirmed_flush_lsn > progress:
        raise SlotAhead(
            f"Slot {slot.name} was confirmed up to {slot.confirmed_flush_lsn}, but the target holds changes "
            f"only up to {progress}: those between are gone. The target was restored from a backup, or "
            "something else has read the slot.",
            remedy="Release the sync, empty its tables on the target, and start it anew.",
        )
