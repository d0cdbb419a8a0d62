"""The plan of the full load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.throttled import ThrottledOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class PlanLoadOperator(ThrottledOperator):
    """Pack the tables into bins of about the same size, one for each mapped `FullLoadOperator`.

    The throttle holds for the load that follows.
    """

    section = "load"

    def perform(self, sync: Sync) -> list[dict[str, Any]]:
        """Return the bins, as ``FullLoadOperator.partial(...).expand(bin=...)`` takes them."""
        from airflow_adbsync.engine import load

        plan = load.plan(sync)
        self.log.info("The plan of the load:\n%s", plan)
        return plan.to_json()
