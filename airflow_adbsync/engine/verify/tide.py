"""How far the target has followed the source, and waiting until it has."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection, typed_errors
from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify.both import Both

_LOG = logging.getLogger(__name__)
_POLL = 0.1
# Insert, Update, Delete, Truncate (PostgreSQL doc: Logical Replication Message Formats).
_PENDING = """
    SELECT EXISTS (
        SELECT FROM (
            SELECT max(lsn - '0/0'::pg_lsn) AS upto, bool_or(get_byte(data, 0) IN (73, 85, 68, 84)) AS changes
            FROM pg_logical_slot_peek_binary_changes(
                %s, %s::pg_lsn, NULL, 'proto_version', '1', 'publication_names', %s)
            GROUP BY xid::text
        ) AS transaction
        WHERE changes AND upto > %s::pg_lsn - '0/0'::pg_lsn)
"""


class Tide:
    """Shared by all workers: one that has waited in vain spares the others the same."""

    def __init__(self, both: Both, sync: Sync, settle: timedelta) -> None:
        self._both = both
        self._sync = sync
        self._settle = settle.total_seconds()
        self._looking = threading.Lock()
        self._missed: Lsn | None = None
        self._empty_up_to = Lsn(0)
        self.replicates = self.applied() is not None

    def applied(self) -> Lsn | None:
        """Up to where the target holds everything, or None before incremental replication was set up."""
        target = self._both.target
        with target.session() as conn, typed_errors(target.endpoint, "reading the progress"):
            progress = state.progress.find(conn, self._sync.sync_id)
        return progress.lsn if progress else None

    def behind(self) -> int:
        """By how many bytes of WAL the target is behind."""
        applied = self.applied()
        if applied is None or self._empty_up_to >= (now := self.source_position()):
            return 0
        return max(0, now - max(applied, self._empty_up_to))

    def source_position(self) -> Lsn:
        """The end of the source's log: everything that a snapshot taken earlier shows lies before it."""
        source = self._both.source
        with source.session() as conn, typed_errors(source.endpoint, "reading the log's position"):
            row = conn.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
        return Lsn.parse(row[0] if row else "")

    def has_reached_source(self) -> bool:
        """Wait until the target has passed where the source's log ends now; False if it does not in time."""
        return self.wait_for(self.source_position()) if self.replicates else True

    def wait_for(self, lsn: Lsn) -> bool:
        """Wait until the target has passed a place of the log, for as long as it may take to settle."""
        deadline = time.monotonic() + self._settle
        beaten = peeked = False
        while (applied := self.applied() or lsn) < lsn:
            if self._both.failure is not None:
                raise self._both.failure
            applying, hopeless = self._is_applying(), self._is_hopeless(applied)
            if not applying and not peeked and not hopeless:
                peeked = True
                if self._has_nothing_for(lsn, applied):
                    break
            if hopeless or time.monotonic() >= deadline:
                self._missed = applied
                return False
            if applying and not beaten:
                beaten = self._beat()
            time.sleep(_POLL)
        self._missed = None
        return True

    def _is_hopeless(self, applied: Lsn) -> bool:
        """Tell whether somebody has waited already, and nothing has moved since."""
        return self._missed is not None and applied <= self._missed

    def _is_applying(self) -> bool:
        target = self._both.target
        with target.session() as conn, typed_errors(target.endpoint, "looking for an applier"):
            return state.ownership.is_owned(conn, self._sync.sync_id)

    def _beat(self) -> bool:
        """Write a few bytes of WAL, so that a reader of the slot gets past what nobody else writes behind."""
        source = self._both.source
        with source.session() as conn, typed_errors(source.endpoint, "writing a heartbeat"):
            since_14 = conn.info.server_version >= 140_000
            emit = "SELECT pg_logical_emit_message(false, 'adbsync.heartbeat', '')"
            conn.execute(emit if since_14 else "SELECT txid_current()")
        return True

    def _has_nothing_for(self, lsn: Lsn, applied: Lsn) -> bool:
        """Tell whether the slot, which nobody reads, holds no change up to that place.

        A server writes to its log even if nobody writes to its tables.
        """
        with self._looking:
            if self._empty_up_to >= lsn:
                return True
            source = self._both.source
            try:
                with source.session() as conn, typed_errors(source.endpoint, "looking into the slot"):
                    empty = self._peek(conn, lsn, applied)
            except AdbsyncError as error:
                _LOG.info("What the slot still holds can't be told: %s", error)
                return False
            if empty:
                self._empty_up_to = lsn
            return empty

    def _peek(self, conn: Connection, lsn: Lsn, applied: Lsn) -> bool:
        slot = self._sync.slot_name
        milliseconds = max(1_000, int(self._settle * 1_000))
        conn.execute("SELECT set_config('statement_timeout', %s, false)", (str(milliseconds),))
        row = conn.execute(_PENDING, (slot, str(lsn), slot, str(applied))).fetchone()
        conn.execute("SET statement_timeout = 0")
        return bool(row and not row[0])
