"""Keeping a task to what all tasks of its phase together may spend."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
        self._look_at = 0.0
        self._paused = False
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
        """Return when that may be spent, and nobody has paused the phase.

        Raises:
            ConnectionFailed: the target is gone.
        """
        earned = self.earned(queries=queries, rows=rows, bytes_=bytes_)
        while self.is_paused():
            sleep(_LOOK_EVERY)
        while (left := earned - time.monotonic()) > 0:
            sleep(min(left, _LOOK_EVERY))
            if left > _LOOK_EVERY:
                earned = min(earned, self.earned_now())

    def earned(self, *, queries: float = 0, rows: float = 0, bytes_: float = 0) -> float:
        """Spend, and return from when on (by the monotonic clock) that is earned; 0 is at once."""
        with self._lock:
            spent = self._meter.spend(time.monotonic(), queries=queries, rows=rows, bytes_=bytes_)
            return 0.0 if spent is None else self._book(spent)

    def is_paused(self) -> bool:
        """Tell whether the phase is to carry nothing; the target is asked once a second."""
        with self._lock:
            if (now := time.monotonic()) >= self._look_at:
                with self._reading():
                    self._paused = state.throttles.is_paused(
                        self._connection(), self._sync.sync_id, self._phase
                    )
                self._look_at = now + _LOOK_EVERY
            return self._paused

    def earned_now(self) -> float:
        """Return it again, for the limit may have been lifted; what others spent since is theirs."""
        with self._lock:
            return self._book(Spending())

    def _book(self, spent: Spending) -> float:
        """Return when it is earned."""
        with self._reading():
            wait, limits = state.throttles.spend(self._connection(), self._sync.sync_id, self._phase, spent)
        now = time.monotonic()
        if spent is self._meter.spent:
            self._meter.reported(now, limits)
        return now + wait

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            with typed_errors(self._sync.target, "reading the throttle"):
                yield
        except BaseException:
            self._close()
            raise

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


def pause(sync: Sync, *, actor: str = "") -> None:
    """Let full load and replication carry nothing from now on, until `resume`; who asks is noted.

    What runs heeds it within a second, but for a transaction of the source that is half applied. Tasks stay
    as they are; the slot keeps the WAL meanwhile.

    Raises:
        SyncUnknown: the target holds no such sync.
    """
    _set_paused(sync, actor, "pause", paused=True)


def resume(sync: Sync, *, actor: str = "") -> None:
    """Let it go on; who asks is noted.

    Raises:
        SyncUnknown: the target holds no such sync.
    """
    _set_paused(sync, actor, "resume", paused=False)


def _set_paused(sync: Sync, actor: str, action: str, *, paused: bool) -> None:
    with connect(sync.target) as target, typed_errors(sync.target, f"asking for a {action}"):
        state.syncs.get(target, sync.sync_id)
        for phase in ("load", "incremental"):
            state.throttles.set_paused(target, sync.sync_id, phase, paused=paused)
        if actor:
            state.actions.record(target, sync.sync_id, actor=actor, action=action)
