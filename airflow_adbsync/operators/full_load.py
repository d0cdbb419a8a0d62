"""The full load of one bin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class FullLoadOperator(AdbsyncOperator):
    """Copy the tables of one bin; meant to be mapped over what `PlanLoadOperator` returns.

    Each table is committed by itself. A table that is loaded already is skipped, so that a retry does only
    what is left.

    :param bin: one bin of the plan. (templated)
    :param reload: copy loaded tables again; what was replicated to them since is in the new copy too.
    """

    template_fields: Sequence[str] = (*AdbsyncOperator.template_fields, "bin")

    def __init__(self, *, bin: Mapping[str, Any], reload: bool = False, **kwargs: Any) -> None:  # noqa: A002 - the field's word
        super().__init__(**kwargs)
        self.bin = bin
        self.reload = reload

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Load the bin; return tables, rows and bytes copied."""
        from airflow_adbsync.engine import load

        return load.load_bin(sync, load.Bin.from_json(dict(self.bin)), reload=self.reload).to_json()
