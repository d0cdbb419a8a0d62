"""Reads what of the target decides about what can be made there."""

from __future__ import annotations

from airflow_adbsync.engine.catalog import query, read_server
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.schema.placement_reading import read_engines
from airflow_adbsync.engine.schema.target import Target


def survey(conn: Connection) -> Target:
    """Read it."""
    row = conn.execute(query(__package__, "target")).fetchall()[0]
    schemas, roles, languages, methods, extensions, superuser, passes = row
    can = capabilities(read_server(conn))
    return Target(
        can=can,
        schemas=frozenset(schemas),
        roles=frozenset(roles),
        languages=frozenset(languages),
        access_methods=frozenset(methods),
        extensions=frozenset((name, schema) for name, schema in extensions),
        superuser=superuser,
        passes_row_security=passes,
        engines=read_engines(conn, can),
    )
