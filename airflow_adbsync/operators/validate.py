"""What has to wait until the rows are there, and has time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class ValidateOperator(AdbsyncOperator):
    """Validate foreign keys that did not hold while tables were loaded, and refresh materialized views.

    After a cut-over it runs once writes are let in again, so that nobody waits for it: validating keeps
    neither readers nor writers away, and a view that is refreshed can't be read meanwhile. A failure names
    the key or the view; the target stays in charge.
    """

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Validate and refresh; return how many statements ran."""
        from airflow_adbsync.engine import schema

        return schema.validate(sync).to_json()
