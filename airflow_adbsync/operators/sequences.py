"""The sequences phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class SequenceOperator(AdbsyncOperator):
    """See to it that no sequence's next value on the target is below the source's."""

    def perform(self, sync: Sync) -> dict[str, int]:
        """Align the sequences; return how many there are, and how many were moved."""
        from airflow_adbsync.engine import cutover

        aligned = cutover.set_sequences(sync)
        moved = [each for each in aligned if each.moved]
        for each in moved:
            self.log.info("%s: next value was %s, is %s", each.name, each.before, each.after)
        return {"sequences": len(aligned), "moved": len(moved)}
