"""The verification phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class VerifyOperator(AdbsyncOperator):
    """Compare rows and checksums of every table, computed in the servers; a difference fails the task."""

    def perform(self, sync: Sync) -> dict[str, int]:
        """Compare; return how many tables and rows are equal."""
        from airflow_adbsync.engine import verify

        results = verify.verify(sync)
        for each in results:
            self.log.info(
                "%s: %s, %d rows on the source, %d on the target",
                each.name,
                "equal" if each.equal else "DIFFERENT",
                each.source_rows,
                each.target_rows,
            )
        verify.raise_on_mismatch(results)
        return {"tables": len(results), "rows": sum(each.target_rows for each in results)}
