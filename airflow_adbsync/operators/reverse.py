"""The way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class ReverseOperator(AdbsyncOperator):
    """Make the sync from the target back to the source, or find the one that was made.

    It is made while the source is fenced. Its result is that sync's configuration, to be given to an
    `IncrementalOperator` (``config=reverse.output``) or to the cut-over back.
    """

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Make or find it; return its configuration."""
        from airflow_adbsync.engine import cutover

        back = cutover.find_begun(sync)
        if back is None:
            back = cutover.prepare_reverse(sync)
            cutover.begin_reverse(sync, back)
        return back.config.model_dump(mode="json", exclude_defaults=True)
