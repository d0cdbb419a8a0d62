"""Waiting for the source's sequences to move on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from airflow_adbsync.sensors.base import AdbsyncSensor
from airflow_adbsync.triggers.sequences_moved import SequencesMovedTrigger, moved

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class SequencesMovedSensor(AdbsyncSensor):
    """Wait until a sequence of the source has moved past the target's since it was set.

    Whoever then took values on the target would get some that the source has given: run `SequenceOperator`
    again. Returns the source's next value by sequence.
    """

    def trigger(self) -> SequencesMovedTrigger:
        """The trigger that waits in this sensor's place."""
        return SequencesMovedTrigger(**self.watched)

    async def look(self, sync: Sync) -> bool:
        """Compare once."""
        from airflow_adbsync.engine import sequences

        return moved(await asyncio.to_thread(sequences.behind, sync)) is not None
