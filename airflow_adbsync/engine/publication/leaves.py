"""The leaves of partitioned tables: a server before 13 can't publish these as a whole, only leaf by leaf.

Nothing there publishes a leaf that is made later. Until somebody does, its changes are not in the stream.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

import psycopg

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName, quote_identifier

_LOG = logging.getLogger(__name__)
_LOCK_WITHIN = "2s"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A partition that holds rows; ``is_keyless``: its replica identity names no row."""

    name: QualifiedName
    oid: int
    is_published: bool
    is_keyless: bool


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A partitioned table and its leaves, whatever lies between them."""

    name: QualifiedName
    oid: int
    leaves: tuple[Leaf, ...]


def partitioned(
    conn: Connection, publication: str, tables: Collection[QualifiedName]
) -> tuple[Partitioned, ...]:
    """Read which of the tables are partitioned, and into what."""
    asked = {
        "publication": publication,
        "schemas": [table.schema for table in tables],
        "names": [table.name for table in tables],
    }
    found: dict[tuple[QualifiedName, int], list[Leaf]] = {}
    for schema, name, oid, leaf_schema, leaf_name, *leaf in conn.execute(query(__package__, "leaves"), asked):
        leaves = found.setdefault((QualifiedName(schema, name), oid), [])
        if leaf_name is not None:
            leaves.append(Leaf(QualifiedName(leaf_schema, leaf_name), *leaf))
    return tuple(Partitioned(name, oid, tuple(leaves)) for (name, oid), leaves in found.items())


def adopt(conn: Connection, publication: str, leaf: Leaf) -> bool | None:
    """Publish a new leaf if it is empty still; tell whether it was, or None where that can't be told now.

    While it is looked at nobody writes to it, so that none of its rows is missing from the stream.
    """
    table = leaf.name.sql
    try:
        with conn.transaction():
            conn.execute(f"SET LOCAL lock_timeout = '{_LOCK_WITHIN}'")
            conn.execute(f"LOCK TABLE ONLY {table} IN SHARE MODE")
            row = conn.execute(f"SELECT EXISTS (SELECT FROM ONLY {table})").fetchone()
            if row is None or row[0]:
                return False
            if leaf.is_keyless:
                conn.execute(f"ALTER TABLE ONLY {table} REPLICA IDENTITY FULL")
            conn.execute(f"ALTER PUBLICATION {quote_identifier(publication)} ADD TABLE ONLY {table}")
    except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable):
        return None
    _LOG.info("Publication %s: the new partition %s was added.", publication, leaf.name)
    return True
