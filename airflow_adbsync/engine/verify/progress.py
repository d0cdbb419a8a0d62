"""How far the target is behind the source, and whether somebody is at work to change that."""

from __future__ import annotations

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.verify.side import Side


def source_lsn(source: Side) -> Lsn:
    """The end of the source's log: everything that a snapshot taken earlier shows lies before it."""
    with source.session() as conn, typed_errors(source.endpoint, "reading the log's position"):
        row = conn.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
    assert row is not None  # noqa: S101 - the query has no FROM
    return Lsn.parse(row[0])


def applied_lsn(target: Side, sync_id: str) -> Lsn | None:
    """Up to where the target holds everything, or None before incremental replication was set up."""
    with target.session() as conn, typed_errors(target.endpoint, "reading the progress"):
        progress = state.progress.find(conn, sync_id)
    return progress.lsn if progress else None


def is_applying(target: Side, sync_id: str) -> bool:
    """Tell whether an applier holds the sync."""
    with target.session() as conn, typed_errors(target.endpoint, "looking for an applier"):
        return state.ownership.is_owned(conn, sync_id)
