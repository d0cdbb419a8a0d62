"""The schema phase, after the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class FinishSchemaOperator(AdbsyncOperator):
    """Create keys, indexes, constraints, views and functions on the target, now that the data is there."""

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Create what is not there yet; return how many statements ran."""
        from airflow_adbsync.engine import schema

        return schema.finish(sync).to_json()
