"""What the source says of a publication (PostgreSQL doc: pg_publication)."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName


@dataclass(frozen=True, slots=True)
class Publication:
    """``tables`` are named one by one; ``via_root``: changes of partitions come under the root's name."""

    name: str
    tables: frozenset[QualifiedName]
    all_tables: bool
    via_root: bool


def find(conn: Connection, name: str) -> Publication | None:
    """Return the publication of the database, or None."""
    row = conn.execute(query(__package__, "publication"), {"name": name}).fetchone()
    if row is None:
        return None
    tables = conn.execute(query(__package__, "publication_tables"), {"name": name}).fetchall()
    return Publication(row[0], frozenset(QualifiedName(*table) for table in tables), row[1], row[2])
