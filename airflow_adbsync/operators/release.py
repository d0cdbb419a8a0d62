"""The release phase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class ReleaseOperator(AdbsyncOperator):
    """Drop the slot, the publication and the sync's records, and put replica identities back.

    The only operator that drops anything; it touches no table's rows. After it the sync can't be resumed.

    :param force: release even while an applier or a load runs.
    """

    def __init__(self, *, force: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.force = force

    def perform(self, sync: Sync) -> dict[str, Any]:
        """Release the sync, or find it released; return what was done, and what was left behind."""
        from airflow_adbsync.engine.release import release

        released = release(sync, force=self.force)
        return {
            "known": released.known,
            "slot_dropped": released.slot_dropped,
            "publication_dropped": released.publication_dropped,
            "identities_restored": len(released.identities_restored),
            "left": list(released.left),
        }
