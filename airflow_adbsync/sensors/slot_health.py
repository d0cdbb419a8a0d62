"""Failing before a slot is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow_adbsync.sensors.base import AdbsyncSensor
from airflow_adbsync.triggers.slot_health import SlotHealthTrigger

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class SlotHealthSensor(AdbsyncSensor):
    """Succeed while the sync's slot is well; fail at once, without a retry, when it is in danger or gone.

    In danger is a slot whose wal_status is ``unreserved`` (the next checkpoint on the source may remove WAL
    that it needs), or that is out of the bounds given here; ``lost`` and invalidated ones can't be resumed.

    :param watch_for: keep watching for so long, beside what it guards; by default it looks once.
    :param max_retained_bytes: how much WAL the slot may make the source keep.
    :param min_safe_bytes: how much the source must still be able to write before it may drop the slot
        (``safe_wal_size``; known only where max_slot_wal_keep_size is set, from PostgreSQL 13 on).
    """

    def __init__(
        self,
        *,
        watch_for: timedelta | None = None,
        max_retained_bytes: int | None = None,
        min_safe_bytes: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.watch_for = watch_for
        self.max_retained_bytes = max_retained_bytes
        self.min_safe_bytes = min_safe_bytes
        self._watch_until: datetime | None = None

    def trigger(self) -> SlotHealthTrigger:
        """The trigger that watches in this sensor's place."""
        until = datetime.now(UTC) + self.watch_for if self.watch_for else None
        return SlotHealthTrigger(
            **self.watched,
            watch_until=until.isoformat() if until else None,
            max_retained_bytes=self.max_retained_bytes,
            min_safe_bytes=self.min_safe_bytes,
        )

    async def look(self, sync: Sync) -> bool:
        """Look once."""
        from airflow_adbsync.engine.watch import SlotBounds, SlotWatch

        if self._watch_until is None:
            self._watch_until = datetime.now(UTC) + (self.watch_for or timedelta(0))
        async with SlotWatch(sync) as slot:
            await slot.look(SlotBounds(self.max_retained_bytes, self.min_safe_bytes))
        return datetime.now(UTC) >= self._watch_until
