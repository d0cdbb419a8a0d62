"""``adbsync.replica_identity``: what was changed on source tables, so that it can be put back."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName, ReplicaIdentity


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """One table's replica identity as it was found and as it was set."""

    name: QualifiedName
    before: ReplicaIdentity
    before_index: str | None
    after: ReplicaIdentity


def record(conn: Connection, sync_id: str, change: IdentityChange) -> None:
    """Write a change down before it is made; what was found first stays."""
    conn.execute(
        """
        INSERT INTO adbsync.replica_identity (sync_id, schema_name, table_name, before, before_index, after)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (sync_id, schema_name, table_name) DO UPDATE SET after = excluded.after
        """,
        (sync_id, change.name.schema, change.name.name, change.before, change.before_index, change.after),
    )


def read(conn: Connection, sync_id: str) -> tuple[IdentityChange, ...]:
    """Return what was changed."""
    rows = conn.execute(
        """
        SELECT schema_name, table_name, before, before_index, after
        FROM adbsync.replica_identity WHERE sync_id = %s ORDER BY schema_name, table_name
        """,
        (sync_id,),
    ).fetchall()
    return tuple(
        IdentityChange(QualifiedName(schema, name), ReplicaIdentity(before), index, ReplicaIdentity(after))
        for schema, name, before, index, after in rows
    )


def forget(conn: Connection, sync_id: str, name: QualifiedName) -> None:
    """Remove one table's change once it is put back."""
    conn.execute(
        "DELETE FROM adbsync.replica_identity WHERE sync_id = %s AND schema_name = %s AND table_name = %s",
        (sync_id, name.schema, name.name),
    )
