"""The last step of a cut-over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class TakeOverOperator(AdbsyncOperator):
    """Let the target take the writes, unless the source was written to since it was fenced.

    From here on there is no abort. The time for which nobody could write is in the log, in the result, and
    on the target.
    """

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Switch; return the final LSN and for how many seconds writes were fenced."""
        from airflow_adbsync.engine import cutover

        made = cutover.take_over(sync)
        return {"lsn": str(made.lsn), "fenced_seconds": made.seconds}
