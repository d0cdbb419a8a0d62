"""Whether a sync's slot is well, and in which way it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from airflow_adbsync.engine.errors import AdbsyncError, SlotInDanger, SlotLost, SlotMissing
from airflow_adbsync.engine.watch.sides import Watch
from airflow_adbsync.engine.watch.source_position import SourcePosition

_ANEW = "Release the sync, empty or drop its tables on the target, and start it anew."


@dataclass(frozen=True, slots=True)
class SlotBounds:
    """Bounds that are tighter than the server's own: bytes of WAL that the slot keeps, or may still cost."""

    max_retained_bytes: int | None = None
    min_safe_bytes: int | None = None


def danger(slot_name: str, seen: SourcePosition, bounds: SlotBounds | None = None) -> AdbsyncError | None:
    """What threatens the slot, or has befallen it; None where all is well.

    ``reserved`` and ``extended`` are well: the WAL is kept (PostgreSQL doc: pg_replication_slots).
    """
    if not seen.has_slot:
        return SlotMissing(f"Slot {slot_name} is not on the source: changes are not kept.", remedy=_ANEW)
    if seen.wal_status == "lost" or seen.invalidation_reason:
        return SlotLost(
            f"Slot {slot_name} is lost ({seen.invalidation_reason or seen.wal_status}): "
            "the source removed WAL that it still needed.",
            remedy=f"{_ANEW} See max_slot_wal_keep_size on the source before that.",
        )
    what = _threat(seen, bounds or SlotBounds())
    if what is None:
        return None
    return SlotInDanger(
        f"Slot {slot_name} is in danger: {what}.",
        remedy="Let the sync catch up now: see that its incremental task runs and what it waits for; "
        "raise max_slot_wal_keep_size on the source to gain time.",
    )


def _threat(seen: SourcePosition, bounds: SlotBounds) -> str | None:
    if seen.wal_status == "unreserved":
        return "its wal_status is unreserved, and the next checkpoint on the source may remove what it needs"
    kept, safe = seen.retained_bytes, seen.safe_wal_size
    if bounds.max_retained_bytes is not None and kept is not None and kept > bounds.max_retained_bytes:
        return f"it makes the source keep {kept} bytes of WAL, more than {bounds.max_retained_bytes}"
    if bounds.min_safe_bytes is not None and safe is not None and safe < bounds.min_safe_bytes:
        return f"the source can write {safe} more bytes before it is lost, fewer than {bounds.min_safe_bytes}"
    return None


class SlotWatch(Watch):
    """Watches the slot of one sync."""

    async def look(self, bounds: SlotBounds | None = None) -> Mapping[str, object]:
        """What the source says of the slot, where it is well.

        Raises:
            SlotMissing, SlotLost: it can't be resumed.
            SlotInDanger: it is about to be lost, or out of bounds.
        """
        seen = await self.position()
        found = danger(self._sync.slot_name, seen, bounds)
        if found is not None:
            raise found
        return {
            "wal_status": seen.wal_status,
            "retained_bytes": seen.retained_bytes,
            "safe_wal_size": seen.safe_wal_size,
        }
