"""The plan of the full load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class PlanLoadOperator(AdbsyncOperator):
    """Pack the tables into bins of about the same size, one for each mapped `FullLoadOperator`."""

    def perform(self, sync: Sync) -> list[dict[str, Any]]:
        """Return the bins, as ``FullLoadOperator.partial(...).expand(bin=...)`` takes them."""
        from airflow_adbsync.engine import load

        bins = load.plan(sync).bins
        for each in bins:
            self.log.info("Bin %d: %d tables, about %d bytes", each.number, len(each.tables), each.bytes)
        return [each.to_json() for each in bins]
