"""Draining a fenced source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class DrainOperator(AdbsyncOperator):
    """Bring the target to where the fenced source's log ends.

    An `IncrementalOperator` that runs ends there; where none runs, this task applies what is left.
    """

    def perform(self, sync: Sync) -> str:
        """Drain; return the final LSN."""
        from airflow_adbsync.engine import cutover

        return str(cutover.drain(sync))
