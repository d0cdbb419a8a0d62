"""Which replica identities have to change: pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from airflow_adbsync.engine.model import Family, QualifiedName, ReplicaIdentity
from airflow_adbsync.engine.replica_identity.table_identity import TableIdentity
from airflow_adbsync.engine.state.identities import IdentityChange


def plan(
    tables: Sequence[TableIdentity], family: Family, whole: Collection[QualifiedName] = ()
) -> tuple[IdentityChange, ...]:
    """Set FULL where an old row could not be found by what is sent of it; leave all else as it is.

    AnalyticDB's change stream wants FULL everywhere, and so do the tables ``whole``, of whose changes each
    column is needed. ALTER TABLE on a partitioned table leaves its partitions
    alone (PostgreSQL doc: ALTER TABLE, REPLICA IDENTITY), so each of them is a table of its own here.
    """
    roots = {table.oid: table for table in tables if table.oid == table.root}
    return tuple(
        IdentityChange(table.name, table.identity, table.index, ReplicaIdentity.FULL)
        for table in tables
        if not _suffices(table, roots[table.root], family, whole)
    )


def _suffices(
    table: TableIdentity, root: TableIdentity, family: Family, whole: Collection[QualifiedName]
) -> bool:
    """A partition's rows are sent as its root's, so they must hold what the root's identity promises."""
    if table.identity is ReplicaIdentity.FULL:
        return True
    if family is Family.ANALYTICDB or not table.columns or root.name in whole:
        return False
    if table is root:
        return True
    return (
        _suffices(root, root, family, whole)
        and bool(root.columns)
        and set(root.columns) <= set(table.columns)
    )
