"""The full load of one bin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_adbsync.assets import TableEvent, announce
from airflow_adbsync.failures import airflow_failures
from airflow_adbsync.lineage import lineage
from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_adbsync.engine.sync import Sync


class FullLoadOperator(AdbsyncOperator):
    """Copy the tables of one bin; meant to be mapped over what `PlanLoadOperator` returns.

    Each table is committed by itself. A table that is loaded already is skipped, so that a retry does only
    what is left.

    Each table of the bin is announced as an event of its asset, with rows, bytes and the LSN up to which the
    target holds it.

    :param bin: one bin of the plan. (templated)
    :param reload: copy loaded tables again; what was replicated to them since is in the new copy too.
    """

    template_fields: Sequence[str] = (*AdbsyncOperator.template_fields, "bin")
    announces = True

    def __init__(self, *, bin: Mapping[str, Any], reload: bool = False, **kwargs: Any) -> None:  # noqa: A002 - the field's word
        super().__init__(**kwargs)
        self.bin = bin
        self.reload = reload

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Load the bin; return tables, rows and bytes copied."""
        from airflow_adbsync.engine import load

        return load.load_bin(sync, load.Bin.from_json(dict(self.bin)), reload=self.reload).to_json()

    def execute(self, context: Context) -> dict[str, Any]:
        """Load the bin and announce its tables, those of an earlier try too."""
        summary: dict[str, Any] = super().execute(context)
        with airflow_failures():
            announce(context, self.sync_reference, self._events(self.open_sync()))
        return summary

    def _events(self, sync: Sync) -> Iterator[TableEvent]:
        from airflow_adbsync.engine import load, watch

        names = load.Bin.from_json(dict(self.bin)).tables
        for table in watch.read_relations(sync, names):
            extra = {
                "event": "loaded",
                "rows": table.rows,
                "bytes": table.bytes,
                "lsn": str(table.applied),
                "load": table.generation,
            }
            yield TableEvent(table.name, extra)

    def get_openlineage_facets_on_complete(self, _task_instance: Any) -> Any:
        """The bin's tables and columns on both sides; None where the OpenLineage provider is not there."""
        from airflow_adbsync.engine import load

        return lineage(self.open_sync(), load.Bin.from_json(dict(self.bin)).tables)
