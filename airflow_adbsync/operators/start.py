"""The start phase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class StartOperator(AdbsyncOperator):
    """Create publication and slot on the source, and the sync's records on the target.

    From here on the source keeps its WAL for the sync, until the release.
    """

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Start the sync, or find it started; return where its slot began."""
        from airflow_adbsync.engine.start import start

        started = start(sync)
        return {"slot_name": started.slot_name, "lsn": str(started.lsn), "created": started.created}
