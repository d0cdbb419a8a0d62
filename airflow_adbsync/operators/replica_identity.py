"""The replica identity phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_adbsync.operators.base import AdbsyncOperator

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class ReplicaIdentityOperator(AdbsyncOperator):
    """Give every table on the source the replica identity that its updates and deletes need.

    What was found is remembered on the target, and put back by the release.
    """

    def perform(self, sync: Sync) -> list[str]:
        """Set what is missing; return each change in words."""
        from airflow_adbsync.engine import replica_identity

        changes = [
            f"{each.name}: {each.before.name} became {each.after.name}"
            for each in replica_identity.prepare(sync)
        ]
        for change in changes:
            self.log.info("%s", change)
        return changes
