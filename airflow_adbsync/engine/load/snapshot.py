"""Reading the snapshot under which a table is copied."""

from __future__ import annotations

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.model import Snapshot


def read_snapshot(conn: Connection, source: Capabilities) -> Snapshot:
    """Return what the open transaction sees; under REPEATABLE READ this holds to its end.

    PostgreSQL doc: Transaction ID and Snapshot Information Functions.
    """
    function = "pg_current_snapshot" if source.current_snapshot_function else "txid_current_snapshot"
    row = conn.execute(f"SELECT {function}()::text").fetchone()
    assert row is not None  # noqa: S101 - the query has no FROM
    return Snapshot.parse(row[0])
