"""The verification phase."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)


class VerifyOperator(AdbsyncOperator):
    """Compare every table, computed in the servers, down to the row; a difference fails the task.

    What is left out here is as the configuration's ``verify`` says. Foreign keys that did not hold while the
    tables were loaded at different moments are validated then. A task that is tried again goes on where it
    broke off.

    :param mode: ``count``, ``sampled``, ``full`` or ``schema``. (templated)
    :param sample: percent of the rows that ``sampled`` compares. (templated)
    :param repair: bring rows that differ over again from the source, and compare them again. (templated)
    :param tables: compare these only; names as the source has them, or a text with commas. (templated)
    :param settle: for how long what differs is looked at again while replication runs.
    """

    template_fields: Sequence[str] = (*AdbsyncOperator.template_fields, "mode", "sample", "repair", "tables")

    def __init__(
        self,
        *,
        mode: str | None = None,
        sample: int | str | None = None,
        repair: bool | str | None = None,
        tables: Sequence[str] | str | None = None,
        settle: timedelta | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.mode = mode
        self.sample = sample
        self.repair = repair
        self.tables = tables
        self.settle = settle
        self._run: str | None = None

    def execute(self, context: Context) -> Any:
        """Compare; attempts of the same task instance count as one verification."""
        self._run = f"{context.get('run_id')} {self.task_id}"
        return super().execute(context)

    def perform(self, sync: Sync) -> dict[str, int]:
        """Compare; return how many tables and rows are equal."""
        from airflow_adbsync.engine import schema, verify

        options = sync.config.verify.replaced(**self._said())
        if options.mode == "schema":
            found = verify.verify_schema(sync, options)
            verify.raise_on_object_mismatch(found)
            return {"objects_that_differ": 0}
        results = verify.verify(sync, options=options, run=self._run)
        _LOG.info("%s", verify.render(results))
        verify.raise_on_mismatch(results)
        schema.validate(sync)
        return {"tables": len(results), "rows": sum(each.target_rows for each in results)}

    def _said(self) -> dict[str, Any]:
        tables = self.tables
        if isinstance(tables, str):
            tables = [name.strip() for name in tables.split(",") if name.strip()]
        said = {
            "mode": self.mode,
            "sample": self.sample,
            "repair": self.repair,
            "tables": tables,
            "settle": self.settle,
        }
        return {name: value for name, value in said.items() if value not in (None, "")}
