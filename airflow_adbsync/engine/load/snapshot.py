"""The snapshot under which a table is copied: read, and shared by several connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.load.session import Session
from airflow_adbsync.engine.model import Lsn, Snapshot


def read_snapshot(conn: Connection, source: Capabilities) -> Snapshot:
    """Return what the open transaction sees; under REPEATABLE READ this holds to its end.

    PostgreSQL doc: Transaction ID and Snapshot Information Functions.
    """
    function = "pg_current_snapshot" if source.current_snapshot_function else "txid_current_snapshot"
    row = conn.execute(f"SELECT {function}()::text").fetchone()
    assert row is not None  # noqa: S101 - the query has no FROM
    return Snapshot.parse(row[0])


def read_position(session: Session) -> Lsn | None:
    """Where the source's log has come to, or None where that can't be told, as on a standby."""
    function = "CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_insert_lsn() END"
    row = session.conn.execute(f"SELECT ({function})::text").fetchone()
    return Lsn.parse(row[0]) if row and row[0] else None


@dataclass(frozen=True, slots=True)
class Exported:
    """A snapshot that other connections can adopt while the transaction that took it is open."""

    owner: Session
    snapshot: Snapshot
    name: str

    @contextmanager
    def reading(self, session: Session) -> Iterator[None]:
        """A transaction that sees what the owner sees; the owner's own one goes on.

        PostgreSQL doc: SET TRANSACTION; Snapshot Synchronization Functions.
        """
        if session is self.owner:
            yield
            return
        with session.transaction():
            session.conn.execute(f"SET TRANSACTION SNAPSHOT '{self.name}'")
            yield


def export_snapshot(session: Session) -> Exported:
    """Share the open transaction's snapshot."""
    snapshot = read_snapshot(session.conn, session.can)
    row = session.conn.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None  # noqa: S101 - the query has no FROM
    return Exported(session, snapshot, row[0])
