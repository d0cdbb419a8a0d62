"""Whether a sync can go on with the slot and the source that it finds: pure."""

from __future__ import annotations

from airflow_adbsync.engine.errors import SlotLost, SlotMissing, SourceSwapped
from airflow_adbsync.engine.model import Server
from airflow_adbsync.engine.slot.noun import Slot
from airflow_adbsync.engine.state.syncs import SyncRecord

_ANEW = "Release the sync, empty or drop its tables on the target, and start it anew."


def require_usable(slot: Slot | None, record: SyncRecord) -> Slot:
    """Return the slot of a sync that has been started.

    Raises:
        SlotMissing: it is gone, and with it the WAL that it kept.
        SlotLost: it is there, but the source removed WAL that it needed.
    """
    if slot is None:
        raise SlotMissing(
            f"Slot {record.slot_name}, which started at {record.start_lsn}, is not on the source any more: "
            "changes since then are gone.",
            remedy=_ANEW,
        )
    if slot.lost:
        raise SlotLost(
            f"Slot {slot.name} is lost ({slot.invalidation_reason or slot.wal_status}): "
            "the source removed WAL that it still needed.",
            remedy=f"{_ANEW} See max_slot_wal_keep_size on the source before that.",
        )
    return slot


def require_same_source(record: SyncRecord, server: Server) -> None:
    """Return if the server is the one with which the sync was started.

    Raises:
        SourceSwapped: it is another cluster, another timeline of it, or another database.
    """
    started = (record.system_identifier, record.timeline, record.source_database)
    found = (server.system_identifier, server.timeline, server.database)
    if started == found:
        return
    what = ("cluster", "timeline", "database")
    differences = ", ".join(
        f"{word} {now} instead of {then}"
        for word, then, now in zip(what, started, found, strict=True)
        if then != now
    )
    raise SourceSwapped(
        f"The source is not the one that sync {record.sync_id!r} was started with: {differences}.",
        remedy=f"Point the source's connection at the server of old. If that is gone: {_ANEW}",
    )
