"""Asking incremental replication to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class StopOperator(AdbsyncOperator):
    """Ask a running `IncrementalOperator` to end once all that the source has committed by now is applied.

    It is what ``until="stopped"`` waits for; for a cut-over, stop writing to the source first.
    """

    def perform(self, sync: Sync) -> str:
        """Leave the request on the target; return the LSN at which replication will stop."""
        from airflow_adbsync.engine import replication

        return str(replication.request_stop(sync))
