"""Which cluster the source is, asked where a replication account may ask."""

from __future__ import annotations

from dataclasses import replace

from airflow_adbsync.engine.catalog import read_server
from airflow_adbsync.engine.connect import Connection, connect_replication, typed_errors
from airflow_adbsync.engine.model import Endpoint, Server


def identify(endpoint: Endpoint) -> tuple[str, int]:
    """System identifier and timeline, from IDENTIFY_SYSTEM (PostgreSQL doc: Streaming Replication Protocol).

    Raises:
        LoginRefused, RightMissing, ConnectionFailed: no replication connection is to be had.
    """
    with typed_errors(endpoint, "IDENTIFY_SYSTEM"), connect_replication(endpoint) as conn:
        row = conn.execute("IDENTIFY_SYSTEM").fetchone()
    if row is None:
        return "", 0
    return str(row[0]), int(row[1])


def read_source(conn: Connection, endpoint: Endpoint) -> Server:
    """The source with its identity, even where the account may not read the control file."""
    server = read_server(conn)
    if server.system_identifier:
        return server
    system_identifier, timeline = identify(endpoint)
    return replace(server, system_identifier=system_identifier, timeline=timeline)
