"""Keeping a task to what all tasks of its phase together may spend."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.throttle import Limits, Meter, Spending

_LOOK_EVERY = 1.0


class Throttle:
    """One task's meter; it has a connection to the target of its own, for the tables' are busy."""

    def __init__(self, sync: Sync, phase: str) -> None:
        self._sync = sync
        self._phase = phase
        self._meter = Meter()
        self._lock = threading.Lock()
        self._conn: Connection | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def spend(
        self, sleep: Callable[[float], None], *, queries: float = 0, rows: float = 0, bytes_: float = 0
    ) -> None:
        """Return when that may be spent.

        Raises:
            ConnectionFailed: the target is gone.
        """
        earned = self.earned(queries=queries, rows=rows, bytes_=bytes_)
        while (left := earned - time.monotonic()) > 0:
            sleep(min(left, _LOOK_EVERY))
            if left > _LOOK_EVERY:
                earned = min(earned, self.earned_now())

    def earned(self, *, queries: float = 0, rows: float = 0, bytes_: float = 0) -> float:
        """Spend, and return from when on (by the monotonic clock) that is earned; 0 is at once."""
        with self._lock:
            spent = self._meter.spend(time.monotonic(), queries=queries, rows=rows, bytes_=bytes_)
            return 0.0 if spent is None else self._book(spent)

    def earned_now(self) -> float:
        """Return it again, for the limit may have been lifted; what others spent since is theirs."""
        with self._lock:
            return self._book(Spending())

    def _book(self, spent: Spending) -> float:
        """Return when it is earned."""
        try:
            with typed_errors(self._sync.target, "reading the throttle"):
                wait, limits = state.throttles.spend(
                    self._connection(), self._sync.sync_id, self._phase, spent
                )
        except BaseException:
            self._close()
            raise
        now = time.monotonic()
        if spent is self._meter.spent:
            self._meter.reported(now, limits)
        return now + wait

    def _connection(self) -> Connection:
        if self._conn is None:
            self._conn = connect(self._sync.target, autocommit=True)
            self._open.callback(self._conn.close)
        return self._conn

    def _close(self) -> None:
        self._conn = None
        self._open.close()


def set_limits(sync: Sync, phase: str, limits: Limits) -> None:
    """Let these limits hold from now on, until they are changed while the phase runs."""
    with connect(sync.target) as target, typed_errors(sync.target, "setting the throttle"):
        state.throttles.set_limits(target, sync.sync_id, phase, limits)
