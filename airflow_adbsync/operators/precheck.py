"""The precheck phase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class PrecheckOperator(AdbsyncOperator):
    """Look for everything that would stop the sync later; changes neither database's data.

    :param acknowledge: names of checks whose alerts were read and accepted, besides the configuration's.
        (templated)
    """

    template_fields: Sequence[str] = (*AdbsyncOperator.template_fields, "acknowledge")

    def __init__(self, *, acknowledge: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.acknowledge = acknowledge

    def perform(self, sync: Sync) -> dict[str, int]:
        """Run all checks, log them as a table, and count them by status."""
        from airflow_adbsync.engine import precheck

        report = precheck.check(sync)
        self.log.info("Precheck of sync %s\n%s", sync.sync_id, precheck.render(report, self.acknowledge))
        precheck.record(sync, report)
        report.raise_unless_passed(self.acknowledge)
        return report.counts
