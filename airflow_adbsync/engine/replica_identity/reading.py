"""Reading replica identities from the catalog, in one query however many tables there are."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName, Relation, ReplicaIdentity
from airflow_adbsync.engine.replica_identity.table_identity import TableIdentity


def read(conn: Connection, relations: Iterable[Relation]) -> tuple[TableIdentity, ...]:
    """Read the identities of these tables and of their partitions."""
    oids = [relation.oid for relation in relations]
    rows = conn.execute(query(__package__, "identities"), {"oids": oids}).fetchall()
    return tuple(
        TableIdentity(
            oid, root, QualifiedName(schema, name), ReplicaIdentity(identity), index, tuple(columns), owned
        )
        for oid, root, schema, name, identity, index, columns, owned in rows
    )
