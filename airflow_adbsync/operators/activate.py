"""Switching on what waited for the cut-over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class ActivateOperator(AdbsyncOperator):
    """Give the target's triggers and rules the source's state; until now they were disabled.

    Run it when nothing is replicated any more and before the target is written to: changes that are still
    replicated would not fire them, but everything else does.
    """

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Enable them; return how many statements ran."""
        from airflow_adbsync.engine import cutover, schema

        done = cutover.activate(sync) if cutover.find_fence(sync) else schema.activate(sync)
        return (done or schema.SchemaResult(ran=0, already=0)).to_json()
