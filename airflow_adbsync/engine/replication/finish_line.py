"""Knowing when incremental replication has gone far enough."""

from __future__ import annotations

import time

from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication.source_clock import SourceClock
from airflow_adbsync.engine.replication.until import AtLsn, AtTime, CaughtUp, Until

# Caught up means: what was committed when the position was read took no longer than this to arrive.
_MOMENT = 2.0
_LOOK_EVERY = 1.0


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
