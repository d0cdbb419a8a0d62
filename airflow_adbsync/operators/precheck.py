"""The precheck phase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_adbsync.hooks.acknowledging import acknowledged_checks, acknowledger
from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_adbsync.engine.sync import Sync


class PrecheckOperator(AdbsyncOperator):
    """Look for everything that would stop the sync later; changes neither database's data.

    :param acknowledge: names of checks whose alerts were read and accepted, besides the configuration's: a
        list, or a text with commas. It is kept with the findings, with who triggered the run. (templated)
    """

    template_fields: Sequence[str] = (*AdbsyncOperator.template_fields, "acknowledge")

    def __init__(self, *, acknowledge: Sequence[str] | str = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.acknowledge = acknowledge
        self._by = ""

    def execute(self, context: Context) -> Any:
        """Run all checks on behalf of whoever triggered the run."""
        self._by = acknowledger(context)
        return super().execute(context)

    def perform(self, sync: Sync) -> dict[str, int]:
        """Run all checks, log them as a table, keep them on the target, and count them by status."""
        from airflow_adbsync.engine import precheck

        names = acknowledged_checks(self.acknowledge)
        report = precheck.check(sync, names)
        self.log.info("Precheck of sync %s\n%s", sync.sync_id, precheck.render(report, names))
        precheck.record(sync, report, names, self._by)
        report.raise_unless_passed(names)
        return report.counts
