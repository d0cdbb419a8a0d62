"""Which replica identities are put back, and which are better left: pure."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.model import ReplicaIdentity
from airflow_adbsync.engine.replica_identity.alteration import Alteration
from airflow_adbsync.engine.state.identities import IdentityChange


@dataclass(frozen=True, slots=True)
class Present:
    """A changed table as it is now."""

    oid: int
    identity: ReplicaIdentity
    has_former_index: bool = False
    published_elsewhere: bool = False


def put_back(change: IdentityChange, present: Present | None) -> Alteration | str:
    """What to do for one table, or in words why nothing is done."""
    if present is None:
        return "the table is gone"
    if present.identity is change.before and change.before is not ReplicaIdentity.INDEX:
        return "it is as it was"
    if present.identity is not change.after:
        return f"somebody has set it to {present.identity.name} since"
    if present.published_elsewhere:
        return "another publication publishes the table and may need it"
    if change.before is ReplicaIdentity.INDEX and not present.has_former_index:
        return f"its former index {change.before_index} is gone"
    return Alteration(present.oid, change.name, change.before, change.before_index)
