"""Fencing the source for a cut-over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class FenceOperator(AdbsyncOperator):
    """Keep writes out of the source, as the configuration's ``cutover.fence`` says.

    What undoes it is kept on the target, for `AbortOperator`. Where there is to be a way back, it is prepared
    first.
    """

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Fence; return the LSN at which the source's log ends for good."""
        from airflow_adbsync.engine import cutover

        cutover.finish_abort(sync)
        if sync.config.cutover.reverse:
            cutover.prepare_reverse(sync)
        found = cutover.fence(sync)
        return {"kind": found.kind, "lsn": str(found.final_lsn), "fenced_at": found.fenced_at.isoformat()}
