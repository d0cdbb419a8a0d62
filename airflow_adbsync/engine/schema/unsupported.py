"""What of the selection this version does not carry."""

from __future__ import annotations

from airflow_adbsync.engine.catalog import empty_search_path, query, read_relations
from airflow_adbsync.engine.config import Objects
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.schema.belonging import belonging
from airflow_adbsync.engine.schema.findings import Beside, Surroundings, assess
from airflow_adbsync.engine.schema.identity import ObjectId
from airflow_adbsync.engine.schema.reading import read_inventory


def unsupported(conn: Connection, objects: Objects) -> tuple[Finding, ...]:
    """Say what will be missing on the target, or be otherwise there, and what to do about it.

    Raises:
        ConfigError: the selection can't be read.
    """
    tables = frozenset(relation.name for relation in read_relations(conn, objects))
    with empty_search_path(conn):
        inventory = read_inventory(conn)
        beside = [Beside(*row) for row in conn.execute(query(__package__, "beside")).fetchall()]
        uses = [
            (extension, ObjectId(catalog, oid))
            for extension, catalog, oid in conn.execute(query(__package__, "extension_uses")).fetchall()
        ]
        large_objects = bool(conn.execute(query(__package__, "large_objects")).fetchall()[0][0])
    chosen = belonging(inventory, tables, objects.schemas)
    return assess(inventory, chosen, Surroundings(tuple(beside), tuple(uses), large_objects), objects)
