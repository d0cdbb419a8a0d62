"""The applier's loop over parts, while the connections hold."""

from __future__ import annotations

import math
import resource
import sys
import time
from collections.abc import Callable

from airflow_adbsync.engine.config import IncrementalOptions
from airflow_adbsync.engine.events import ApplierStarted, ApplierStopped, BatchApplied, EventSink
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.pacing import Throttle
from airflow_adbsync.engine.replication.batch import Assembler, Limits, Part
from airflow_adbsync.engine.replication.finish_line import FinishLine
from airflow_adbsync.engine.replication.messages import Commit
from airflow_adbsync.engine.replication.receiver import Receiver
from airflow_adbsync.engine.replication.same_columns import KnownTables
from airflow_adbsync.engine.replication.source_clock import SourceClock
from airflow_adbsync.engine.replication.target_session import TargetSession
from airflow_adbsync.engine.sync import Sync

_TICK = 0.1
_LOOK_FOR_STOP_EVERY = 1.0
_REST_EVERY = 1.0
_LOOK_FOR_THROTTLE_EVERY = 1.0
_LOOK_FOR_LEAVES_EVERY = 5.0
# Of a part under a throttle, which may be lifted.
_LEAST_CHANGES = 100
_LEAST_BYTES = 1 << 16


class Stream:
    """Takes parts from a receiver, has them applied, and knows when to end.

    ``binary``: values are asked for in that form. ``reach`` is where the last transaction that it tried to
    apply commits in the source's log.
    """

    def __init__(
        self,
        sync: Sync,
        session: TargetSession,
        clock: SourceClock,
        finish: FinishLine,
        on_event: EventSink,
        *,
        known: KnownTables,
        one_by_one: Lsn,
        binary: bool,
    ) -> None:
        self._sync = sync
        self._known = known
        self._one_by_one = one_by_one
        self._binary = binary
        self.reach = Lsn(0)
        self._session = session
        self._clock = clock
        self._finish = finish
        self._on_event = on_event
        self._start = session.progress.lsn
        self._stop_at: Lsn | None = None
        self._batch = _Batch()
        self._held: Part | None = None
        self._earned = 0.0
        self._earned_look = _Timer(_LOOK_FOR_THROTTLE_EVERY)
        self._stop_look = _Timer(_LOOK_FOR_STOP_EVERY)
        self._rest = _Timer(_REST_EVERY)
        self._leaves_look = _Timer(_LOOK_FOR_LEAVES_EVERY)
        self._heartbeat = _Timer(sync.config.incremental.heartbeat_every.total_seconds())

    @property
    def progress(self) -> Lsn:
        """What the target holds."""
        return self._session.progress.lsn

    @property
    def has_advanced(self) -> bool:
        """Tell whether the target has come any further."""
        return self.progress > self._start

    def run(self, should_stop: Callable[[], bool]) -> ApplierStopped:
        """Apply until the end; a transaction that is being applied is finished first.

        Raises:
            AdbsyncError: a connection broke, or the target can't take what came.
        """
        options = self._sync.config.incremental
        limits = _limits(options)
        assembler = Assembler(
            self._session.sought,
            self._known.names,
            self._start,
            limits,
            self._one_by_one,
            waiting=self._session.waiting,
            binary=self._binary,
            leaves=self._known.leaves.root_of,
        )
        source, slot, both_ways = self._sync.source, self._sync.slot_name, options.both_ways
        with (
            Throttle(self._sync, "incremental") as throttle,
            Receiver(
                source, slot, self._start, assembler, unmarked=both_ways, binary=self._binary
            ) as receiver,
        ):
            self._throttle = throttle
            owner = self._session.progress
            self._on_event(ApplierStarted(owner.owner, owner.epoch, str(self._start)))
            while True:
                self._step(receiver)
                reason = self._reason_to_stop(should_stop)
                if reason is not None:
                    return ApplierStopped(reason, str(self.progress))

    def _step(self, receiver: Receiver) -> None:
        rest = receiver.rest
        part = None
        if self._must_wait() or self._is_paused():
            time.sleep(_TICK)
        elif (part := self._held or receiver.next(_TICK)) is not None:
            self._take(part, receiver)
        elif not self._batch.is_open and rest > self.progress and self._rest.is_due():
            self._session.rest_at(rest)
        receiver.confirm(self.progress)
        if not self._batch.is_open and self._heartbeat.is_due():
            self._clock.beat()
        if self._leaves_look.is_due():
            self._clock.sees_all_published(self._known.leaves)

    def _take(self, part: Part, receiver: Receiver) -> None:
        """Apply a part, once the source shows what it holds: what a load begins without, it ends without."""
        if self._clock.shows(part.xids):
            self._held = None
            self._apply(part)
            self._tell(part, receiver)
        else:
            self._held = part
            time.sleep(_TICK)

    def _apply(self, part: Part) -> None:
        batch = self._batch
        batch.is_open = part.commit is None
        self.reach = part.reach
        if part.described:
            self._clock.require_same_columns(self._known, part.described)
        batch.rows += self._session.apply(part)
        batch.changes += part.changes
        batch.bytes += part.bytes
        batch.transactions += part.transactions
        self._earned = self._throttle.earned(rows=part.changes, bytes_=part.bytes)

    def _tell(self, part: Part, receiver: Receiver) -> None:
        """Say that a batch is committed, once it is."""
        if part.commit is not None:
            self._on_event(self._batch.applied(part.commit, receiver.queued))
            self._batch = _Batch()

    def _must_wait(self) -> bool:
        """Tell whether what was applied last is not earned yet."""
        if time.monotonic() >= self._earned:
            return False
        if self._earned_look.is_due():
            self._earned = min(self._earned, self._throttle.earned_now())
        return True

    def _is_paused(self) -> bool:
        """What has been begun on the target is finished first: it holds locks there."""
        return not self._batch.is_open and self._throttle.is_paused()

    def _reason_to_stop(self, should_stop: Callable[[], bool]) -> str | None:
        if self._batch.is_open and self._held is None:
            return None
        if should_stop():
            return "asked"
        # The looks below commit on the target.
        if self._batch.is_open:
            return None
        if self._stop_look.is_due():
            self._stop_at = self._session.read_stop_request()
        if self._stop_at is not None and self.progress >= self._stop_at and self._is_whole():
            self._session.clear_stop_request()
            return "stop_requested"
        return "reached" if self._finish.is_reached(self.progress) and self._is_whole() else None

    def _is_whole(self) -> bool:
        """What came into a partition that is not published is no part of the progress."""
        return self._clock.sees_all_published(self._known.leaves)


def _limits(options: IncrementalOptions) -> Limits:
    """A part is no more than a second's worth of what the throttle allows, or it would come in bursts."""
    throttle = options.throttle
    return Limits(
        int(min(options.max_batch_changes, max(_LEAST_CHANGES, throttle.rows or math.inf))),
        int(min(options.max_batch_bytes, max(_LEAST_BYTES, throttle.bytes or math.inf))),
        options.max_batch_age.total_seconds(),
    )


class _Batch:
    """What has been applied since the last commit on the target."""

    def __init__(self) -> None:
        self.is_open = False
        self.rows = self.changes = self.transactions = self.bytes = 0
        self._begun = time.monotonic()

    def applied(self, commit: Commit, queued: tuple[int, int]) -> BatchApplied:
        seconds = time.monotonic() - self._begun
        return BatchApplied(
            str(commit.end_lsn),
            commit.commit_time.isoformat(),
            self.transactions,
            self.changes,
            self.rows,
            seconds,
            self.bytes,
            _peak_memory(),
            *queued,
        )


def _peak_memory() -> int:
    """Bytes; the system counts in kB, but on macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class _Timer:
    """Tells at most once in so many seconds that it is time."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._next = 0.0

    def is_due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._every
        return True
