"""Giving a cut-over up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class AbortOperator(AdbsyncOperator):
    """Undo exactly what the cut-over has done so far: both sides are as they were, the source takes writes.

    Runs by default when a task before it has failed. After the target has taken over it fails: there is a way
    back then, and no abort.
    """

    def __init__(self, *, trigger_rule: str = "one_failed", **kwargs: Any) -> None:
        super().__init__(trigger_rule=trigger_rule, **kwargs)

    def perform(self, sync: Sync) -> dict[str, bool]:
        """Abort; tell whether there was anything to undo."""
        from airflow_adbsync.engine import cutover

        return {"undone": cutover.abort(sync)}
