"""The cut-over in one task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class CutoverOperator(AdbsyncOperator):
    """Fence, drain, verify, set sequences, activate, begin the way back, and let the target take over.

    All in one task, for between tasks nobody could write either. What fails before the last step is undone in
    the same task, and a retry begins anew; one that was killed goes on where it was.

    Its result holds ``lsn``, ``fenced_seconds`` (for how long nobody could write), ``steps`` (the seconds of
    each) and ``back``: the configuration of the sync back, where the configuration asks for one.
    """

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Switch."""
        from airflow_adbsync.engine import cutover

        made = cutover.switch(sync)
        back = made.back or cutover.find_reverse(sync)
        return {
            "lsn": str(made.lsn),
            "fenced_seconds": made.seconds,
            "steps": made.steps,
            "back": back.config.model_dump(mode="json", exclude_defaults=True) if back else None,
        }
