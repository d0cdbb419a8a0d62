"""What the source says of a publication (PostgreSQL doc: pg_publication)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName


@dataclass(frozen=True, slots=True)
class Publication:
    """``tables`` are named one by one; ``via_root``: changes of partitions come under the root's name.

    Without ``via_root`` (before 13) these are the leaves of partitioned tables.

    ``oids`` leads from the tables' oids to their names: a publication holds on to a table, not to its name.
    """

    name: str
    tables: frozenset[QualifiedName]
    all_tables: bool
    via_root: bool
    oids: Mapping[int, QualifiedName] = field(default_factory=dict, compare=False)


def find(conn: Connection, name: str) -> Publication | None:
    """Return the publication of the database, or None."""
    row = conn.execute(query(__package__, "publication"), {"name": name}).fetchone()
    if row is None:
        return None
    tables = conn.execute(query(__package__, "publication_tables"), {"name": name}).fetchall()
    oids = {oid: QualifiedName(schema, table) for schema, table, oid in tables}
    return Publication(row[0], frozenset(oids.values()), row[1], row[2], oids)
