"""Incremental replication: from the slot to the target, until it is told to stop."""

from __future__ import annotations

import logging
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from airflow_adbsync.engine.config import DdlRule
from airflow_adbsync.engine.connect import Connection, typed_errors
from airflow_adbsync.engine.errors import (
    AdbsyncError,
    ApplierBusy,
    ColumnsAdded,
    RelationDrifted,
    RowExists,
    RowMissing,
    StatementFailed,
    SwitchedOver,
    TextNeeded,
    TruncateRefused,
    WholeRowsNeeded,
)
from airflow_adbsync.engine.events import ApplierStopped, EventSink, ignore
from airflow_adbsync.engine.model import Lsn, QualifiedName
from airflow_adbsync.engine.replication.finish_line import FinishLine
from airflow_adbsync.engine.replication.resume import check_resumable
from airflow_adbsync.engine.replication.source_clock import SourceClock
from airflow_adbsync.engine.replication.stream import Stream
from airflow_adbsync.engine.replication.target_session import TargetSession
from airflow_adbsync.engine.replication.until import Switched, Until
from airflow_adbsync.engine.replication.widening import widen
from airflow_adbsync.engine.retry import is_retryable, with_retries
from airflow_adbsync.engine.state import phases, throttles
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.throttle import Limits

_LOG = logging.getLogger(__name__)
# A killed applier's session takes a moment to end.
_PATIENCE = 5.0
_SWITCH = 0.0002
_OF_ONE_CHANGE = (
    *(RelationDrifted, RowExists, RowMissing, StatementFailed),
    *(TruncateRefused, WholeRowsNeeded),
)


def apply(
    sync: Sync,
    until: Until,
    on_event: EventSink = ignore,
    should_stop: Callable[[], bool] = lambda: False,
) -> ApplierStopped:
    """Apply the slot's stream to the target until ``until`` is reached or somebody asks to stop.

    Lost connections are opened again for as long as the configuration says; everything goes on from the
    progress on the target.

    Raises:
        ApplierBusy: another applier holds the sync.
        AdbsyncError: anything that a retry can't mend, or has not mended in time.
    """
    with _brisk_threads(), ExitStack() as phase:
        return Applier(sync, until, on_event, should_stop, phase).run()


@contextmanager
def _brisk_threads() -> Iterator[None]:
    """Let the thread that applies have the interpreter soon after each answer of the target.

    By default the one that reads may keep it for 5 ms, which is longer than most statements take.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, _SWITCH))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


class Applier:
    """One run of incremental replication, over as many connections as it takes."""

    def __init__(
        self,
        sync: Sync,
        until: Until,
        on_event: EventSink,
        should_stop: Callable[[], bool],
        phase: ExitStack,
    ) -> None:
        self._sync = sync
        self._until = until
        self._on_event = on_event
        self._should_stop = should_stop
        self._phase = phase
        self._has_owned = False
        self._one_by_one = Lsn(0)
        self._may_be_binary = True
        self._widened: defaultdict[QualifiedName, set[str]] = defaultdict(set)

    def run(self) -> ApplierStopped:
        """Go on through broken connections; the time for retries begins anew with each bit of progress."""
        while True:
            result = with_retries(self._attempt, self._sync.config.incremental.retry_for, sleep=self._sleep)
            if isinstance(result, ApplierStopped):
                return result
            if isinstance(result, ApplierBusy):
                raise result

    def _begin_phase(self, target: Connection) -> None:
        """The phase is whose sync it is: an applier that is refused must not write over it."""
        if not self._has_owned:
            self._has_owned = True
            throttle = self._sync.config.incremental.throttle
            limits = Limits(rows=throttle.rows, bytes=throttle.bytes)
            with typed_errors(self._sync.target, "setting the throttle"), target.transaction():
                throttles.set_limits(target, self._sync.sync_id, "incremental", limits)
            noted = phases.running(self._sync.target, self._sync.sync_id, "incremental")
            self._phase.enter_context(noted)

    def _attempt(self) -> ApplierStopped | AdbsyncError:
        """Stream until the end; an error is returned where it is worth while to go on at once."""
        stream = None
        try:
            with TargetSession(self._sync, patience=_PATIENCE, lately=self._widened) as session:
                self._begin_phase(session.conn)
                with SourceClock(self._sync.source) as clock:
                    try:
                        known = check_resumable(
                            self._sync, session.progress.lsn, source=clock.conn, target=session.conn
                        )
                    except SwitchedOver:
                        if not isinstance(self._until, Switched):
                            raise
                        return ApplierStopped("switched", str(session.progress.lsn))
                    finish = FinishLine(self._until, clock)
                    stream = Stream(
                        self._sync,
                        session,
                        clock,
                        finish,
                        self._on_event,
                        known=known,
                        one_by_one=self._one_by_one,
                        binary=self._may_be_binary and session.takes_binary and clock.sends_binary,
                    )
                    return stream.run(self._should_stop)
        except AdbsyncError as error:
            if isinstance(error, ApplierBusy) and not self._has_owned:
                return error
            if self._can_go_on(error, stream):
                return error
            if not is_retryable(error):
                raise
            if self._should_stop():
                return ApplierStopped("asked", str(stream.progress if stream else ""))
            if stream is not None and stream.has_advanced:
                _LOG.warning("%s Going on from %s.", error, stream.progress)
                return error
            raise

    def _can_go_on(self, error: AdbsyncError, stream: Stream | None) -> bool:
        """Tell whether another attempt is made in another way, which may do."""
        if isinstance(error, TextNeeded) and self._may_be_binary:
            _LOG.info("%s Going on in text form.", error)
            self._may_be_binary = False
            return True
        if isinstance(error, _OF_ONE_CHANGE) and stream and stream.reach > self._one_by_one:
            # What committed before that change, in the same batch, can be applied.
            _LOG.warning("%s Going on from %s, transaction by transaction.", error, stream.progress)
            self._one_by_one = stream.reach
            return True
        return isinstance(error, ColumnsAdded) and self._widen(error)

    def _widen(self, error: ColumnsAdded) -> bool:
        """Give the target the columns, once; false where that is not asked for."""
        table = QualifiedName.parse(error.table)
        fresh = set(error.columns) - self._widened[table]
        if self._sync.config.incremental.ddl is not DdlRule.ADD_COLUMNS or not fresh:
            return False
        widen(self._sync, table, sorted(fresh))
        self._widened[table] |= {self._sync.shapes.column(table, column) for column in error.columns}
        return True

    def _sleep(self, seconds: float) -> None:
        """Pause between two attempts, as long as nobody wants an end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._should_stop():
            time.sleep(min(left, 0.2))
