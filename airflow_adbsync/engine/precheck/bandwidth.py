"""Sending generated rows from the source to a temporary table of the target, and taking the time."""

from __future__ import annotations

import time
from contextlib import closing

import psycopg

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.model import Endpoint

SECONDS = 2.0
# Enough to tell something; more than this is not sent, so that the target's disk is not filled.
_LEAST = 2 << 20
_MOST = 256 << 20
_ROW = 280


def measure(source: Endpoint, target: Endpoint, data: int, seconds: float = SECONDS) -> tuple[int, float]:
    """Return the bytes sent and the seconds it took.

    It ends after ``seconds``, or when as many bytes were sent as the tables hold (``data``). The source only
    makes rows up; the target's table is temporary, and rolled back. Both sessions are its own, for one is
    left in the middle of a statement.

    Raises:
        ConnectionFailed, LoginRefused: a side can't be reached.
        RightMissing: the account may not create temporary tables on the target.
    """
    rows = min(max(data, _LEAST), _MOST) // _ROW
    with (
        typed_errors(target, "measuring the bandwidth"),
        closing(connect(source, autocommit=True)) as reader,
        closing(connect(target, client_min_messages="error")) as writer,
    ):
        writer.execute(query(__package__, "bandwidth_table"))
        return _send(reader, writer, rows, seconds)


def _send(reader: Connection, writer: Connection, rows: int, seconds: float) -> tuple[int, float]:
    begun, sent = time.monotonic(), 0
    with (
        psycopg.ClientCursor(reader).copy(query(__package__, "bandwidth_read"), {"rows": rows}) as made,
        writer.cursor().copy(query(__package__, "bandwidth_write")) as taken,
    ):
        for block in made:
            taken.write(block)
            sent += len(block)
            if time.monotonic() - begun >= seconds:
                reader.close()
                break
    return sent, time.monotonic() - begun
