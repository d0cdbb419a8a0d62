"""The verification phase."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class VerifyOperator(AdbsyncOperator):
    """Compare rows and checksums of every table, computed in the servers; a difference fails the task.

    Foreign keys that did not hold while the tables were loaded at different moments are validated then.

    :param settle: for how long tables that differ are looked at again while the target is behind.
    """

    def __init__(self, *, settle: timedelta = timedelta(seconds=30), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.settle = settle

    def perform(self, sync: Sync) -> dict[str, int]:
        """Compare; return how many tables and rows are equal."""
        from airflow_adbsync.engine import schema, verify

        results = verify.verify(sync, settle=self.settle)
        verify.raise_on_mismatch(results)
        schema.validate(sync)
        return {"tables": len(results), "rows": sum(each.target_rows for each in results)}
