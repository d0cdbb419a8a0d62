"""Knowing when incremental replication has gone far enough."""

from __future__ import annotations

import time
from datetime import datetime
from types import TracebackType
from typing import Self

from airflow_adbsync.engine.catalog import read_server
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import Endpoint, Lsn
from airflow_adbsync.engine.replication.until import AtLsn, AtTime, CaughtUp, Until

# Caught up means: what was committed when the position was read took no longer than this to arrive.
_MOMENT = 2.0
_LOOK_EVERY = 1.0


class SourceClock:
    """A plain session on the source: its position, its time, and a heartbeat that makes its WAL move."""

    def __init__(self, source: Endpoint) -> None:
        self._source = source
        self._conn = connect(source, autocommit=True)
        with typed_errors(source, "reading its version"):
            messages = capabilities(read_server(self._conn)).logical_messages
        # A transaction id of its own makes an empty transaction write a commit record, on every version.
        self._beat = (
            "SELECT pg_logical_emit_message(false, 'adbsync.heartbeat', '')"
            if messages
            else "SELECT txid_current()"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._conn.close()

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

    def has_passed(self, moment: datetime) -> bool:
        """Tell whether a moment is past by the source's clock."""
        with typed_errors(self._source, "reading its clock"):
            row = self._conn.execute("SELECT clock_timestamp() > %s", (moment,)).fetchone()
        return bool(row and row[0])


class FinishLine:
    """Tells, from the target's progress, whether ``until`` is reached."""

    def __init__(self, until: Until, clock: SourceClock) -> None:
        self._until = until
        self._clock = clock
        self._lsn: Lsn | None = until.lsn if isinstance(until, AtLsn) else None
        self._read_at = 0.0
        self._next_look = 0.0

    def is_reached(self, progress: Lsn) -> bool:
        """Look at the progress; ask the source no more than once a second."""
        if self._lsn is not None and progress >= self._lsn:
            if not isinstance(self._until, CaughtUp) or time.monotonic() - self._read_at <= _MOMENT:
                return True
            self._lsn = None
        if self._lsn is None and time.monotonic() >= self._next_look:
            self._look()
        return False

    def _look(self) -> None:
        self._next_look = time.monotonic() + _LOOK_EVERY
        match self._until:
            case CaughtUp():
                self._read_at = time.monotonic()
                self._lsn = self._clock.position()
            case AtTime(moment):
                if self._clock.has_passed(moment):
                    self._lsn = self._clock.position()
