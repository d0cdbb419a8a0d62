"""The schema phase, before the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class SchemaOperator(AdbsyncOperator):
    """Create schemas, types, sequences and tables on the target; keys and indexes come after the data."""

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Create what is not there yet; return how many statements ran."""
        from airflow_adbsync.engine import schema

        return schema.create(sync).to_json()
