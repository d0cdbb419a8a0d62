"""The trigger behind `SequencesMovedSensor`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from airflow_adbsync.triggers.watching import Look, WatchTrigger

if TYPE_CHECKING:
    from airflow_adbsync.engine.sequences import SequenceAligned
    from airflow_adbsync.engine.sync import Sync


def moved(behind: Sequence[SequenceAligned]) -> dict[str, Any] | None:
    """The source's next value by sequence of the target, else None."""
    return {"sequences": {str(each.name): each.source_next for each in behind}} if behind else None


class SequencesMovedTrigger(WatchTrigger):
    """Fires once a sequence of the source has given values that the target's would give again."""

    engine = "airflow_adbsync.engine.sequences"

    @asynccontextmanager
    async def watch(self, sync: Sync) -> AsyncIterator[Look]:
        """Give a look at both sides' sequences, taken in a thread."""
        from airflow_adbsync.engine import sequences

        async def look() -> dict[str, Any] | None:
            return moved(await asyncio.to_thread(sequences.behind, sync))

        yield look
