"""Whether a sync can go on with the slot and the source that it finds: pure."""

from __future__ import annotations

from airflow_adbsync.engine.errors import SlotLost, SlotMissing, SourcePromoted, SourceSwapped
from airflow_adbsync.engine.model import Server
from airflow_adbsync.engine.slot.noun import Slot
from airflow_adbsync.engine.state.syncs import SyncRecord

ANEW = "Release the sync, empty or drop its tables on the target, and start it anew."


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
            remedy=ANEW,
        )
    if slot.lost:
        raise SlotLost(
            f"Slot {slot.name} is lost ({slot.invalidation_reason or slot.wal_status}): "
            "the source removed WAL that it still needed.",
            remedy=f"{ANEW} See max_slot_wal_keep_size on the source before that.",
        )
    return slot


def is_promoted(record: SyncRecord, server: Server) -> bool:
    """Tell whether the server is the sync's source on a later timeline."""
    same = (record.system_identifier, record.source_database) == (server.system_identifier, server.database)
    return same and server.timeline > record.timeline


def require_same_source(record: SyncRecord, server: Server) -> None:
    """Return if the server is the one with which the sync was started.

    Raises:
        SourcePromoted: it is the same cluster on a later timeline.
        SourceSwapped: it is another cluster, another timeline of it, or another database.
    """
    started = (record.system_identifier, record.timeline, record.source_database)
    found = (server.system_identifier, server.timeline, server.database)
    if started == found:
        return
    if is_promoted(record, server):
        raise SourcePromoted(
            f"The source was promoted since sync {record.sync_id!r} was started: timeline {server.timeline} "
            f"instead of {record.timeline}.",
            remedy="Say `incremental: {follow_promotion: true}` and go on: that is refused where the target "
            "holds what the new primary lacks, or the slot was not taken along. Or point the source's "
            "connection at the primary of old.",
        )
    what = ("cluster", "timeline", "database")
    differences = ", ".join(
        f"{word} {now} instead of {then}"
        for word, then, now in zip(what, started, found, strict=True)
        if then != now
    )
    raise SourceSwapped(
        f"The source is not the one that sync {record.sync_id!r} was started with: {differences}.",
        remedy=f"Point the source's connection at the server of old. If that is gone: {ANEW}",
    )
