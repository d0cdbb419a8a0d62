"""Which cluster the source is, asked where a replication account may ask."""

from __future__ import annotations

from dataclasses import replace

import psycopg

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


def read_history(endpoint: Endpoint, timeline: int) -> bytes:
    """Where the timelines before this one ended (PostgreSQL doc: Streaming Replication Protocol).

    Raises:
        LoginRefused, RightMissing, ConnectionFailed: no replication connection is to be had.
    """
    with typed_errors(endpoint, "TIMELINE_HISTORY"), connect_replication(endpoint) as conn:
        result = conn.pgconn.exec_(f"TIMELINE_HISTORY {int(timeline)}".encode())
        if result.status != psycopg.pq.ExecStatus.TUPLES_OK:
            raise psycopg.errors.error_from_result(result)
    return result.get_value(0, 1) or b""


def read_source(conn: Connection, endpoint: Endpoint) -> Server:
    """The source with its identity, even where the account may not read the control file."""
    server = read_server(conn)
    if server.system_identifier:
        return server
    system_identifier, timeline = identify(endpoint)
    return replace(server, system_identifier=system_identifier, timeline=timeline)
