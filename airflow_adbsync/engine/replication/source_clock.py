"""A plain session on the source, beside the one that streams."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from types import TracebackType
from typing import Self

from airflow_adbsync.engine.catalog import read_server
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import Endpoint, Lsn, Snapshot
from airflow_adbsync.engine.replication.leaves import PublishedLeaves
from airflow_adbsync.engine.replication.same_columns import KnownTables


class SourceClock:
    """Position, time and visible transactions of the source, and a heartbeat that makes its WAL move.

    ``sends_binary``: it can stream values in binary form.
    """

    def __init__(self, source: Endpoint) -> None:
        self._source = source
        self._conn = connect(source, autocommit=True)
        with typed_errors(source, "reading its version"):
            able = capabilities(read_server(self._conn))
        self.sends_binary = able.binary_tuples
        snapshot = "pg_current_snapshot" if able.current_snapshot_function else "txid_current_snapshot"
        self._read_snapshot = f"SELECT {snapshot}()::text"
        self._snapshot: Snapshot | None = None
        # A transaction id of its own makes an empty transaction write a commit record, on every version.
        self._beat = (
            "SELECT pg_logical_emit_message(false, 'adbsync.heartbeat', '')"
            if able.logical_messages
            else "SELECT txid_current()"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._conn.close()

    @property
    def conn(self) -> Connection:
        """The session itself, for what else is to be read on the source."""
        return self._conn

    def position(self) -> Lsn:
        """Return an LSN below which every transaction lies that had committed when this was called.

        Something is written behind it, so that a reader of the slot gets past it even if nobody writes.
        """
        with typed_errors(self._source, "reading its WAL position"):
            row = self._conn.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
        self.beat()
        return Lsn.parse(row[0] if row else "")

    def beat(self) -> None:
        """Write a few bytes of WAL, which the slot's reader passes over."""
        with typed_errors(self._source, "writing a heartbeat"):
            self._conn.execute(self._beat)

    def require_same_columns(self, known: KnownTables, oids: Collection[int]) -> None:
        """Return if these tables' columns are those that were loaded.

        Raises:
            RelationDrifted: one was dropped and added anew, or has traded names with another.
        """
        with typed_errors(self._source, "comparing columns"):
            known.added(self._conn, oids)

    def sees_all_published(self, leaves: PublishedLeaves) -> bool:
        """Publish new partitions where the source does so one by one; tell whether none is left.

        Raises:
            RelationDrifted: one has rows already.
        """
        with typed_errors(self._source, "looking for new partitions"):
            return leaves.look(self._conn)

    def has_passed(self, moment: datetime) -> bool:
        """Tell whether a moment is past by the source's clock."""
        with typed_errors(self._source, "reading its clock"):
            row = self._conn.execute("SELECT clock_timestamp() > %s", (moment,)).fetchone()
        return bool(row and row[0])

    def shows(self, xids: Collection[int]) -> bool:
        """Tell whether these transactions, which are in the source's log, are visible there by now.

        Until they are, a load that begins does not see them; it must not find them on the target either.
        """
        if self._snapshot is not None and self._snapshot.sees_all(xids):
            return True
        with typed_errors(self._source, "reading its snapshot"):
            row = self._conn.execute(self._read_snapshot).fetchone()
        self._snapshot = Snapshot.parse(row[0] if row else "")
        return self._snapshot.sees_all(xids)
