"""Keeping an applier going and its lag in sight, in a triggerer's event loop or in a worker's own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_adbsync import spans
from airflow_adbsync.engine.errors import AdbsyncError, ApplierBusy, ApplierDied
from airflow_adbsync.engine.events import (
    ApplierFailed,
    ApplierStarted,
    ApplierStopped,
    BatchApplied,
    Event,
)
from airflow_adbsync.notifiers import Document
from airflow_adbsync.triggers import metrics
from airflow_adbsync.triggers.alarm import Alarm
from airflow_adbsync.triggers.applier_child import COMMAND, ApplierChild
from airflow_adbsync.triggers.base import import_engine
from airflow_adbsync.triggers.lag_watch import LagWatch
from airflow_adbsync.triggers.patience import Patience
from airflow_adbsync.triggers.wake_up import WakeUp

if TYPE_CHECKING:
    from airflow_adbsync.engine.replication import LagReader
    from airflow_adbsync.engine.sync import Sync

IDLE = "idle"
_LEVELS = {name: logging.getLevelNamesMapping()[name] for name in ("INFO", "WARNING", "ERROR", "CRITICAL")}
_TICK = 0.2


@dataclass(slots=True)
class Done:
    """What was applied so far, over all appliers of one task."""

    transactions: int = 0
    changes: int = 0


class Supervisor:
    """Starts the applier as a child process, watches it and the lag, and starts it again where that can help.

    :param open_sync: looks the sync's connections up, anew for each applier: a password may have changed.
    :param until: how long to replicate, as `until_to_json` gives it.
    :param rests: end with the reason ``idle`` once there was nothing to apply for ``idle_after``.
    """

    def __init__(
        self,
        open_sync: Callable[[], Awaitable[Sync]],
        until: Mapping[str, Any],
        log: Any,
        *,
        notifiers: Sequence[Document] = (),
        task_id: str = "incremental",
        command: Sequence[str] = COMMAND,
        rests: bool = False,
        done: Done | None = None,
    ) -> None:
        self._open_sync = open_sync
        self._until = dict(until)
        self._log = log
        self._notifiers = notifiers
        self._task_id = task_id
        self._command = command
        self._rests = rests
        self._done = done or Done()
        self._sync_id = ""
        self._child: ApplierChild | None = None
        self._reads = False
        self._stirred = False
        self._resting = False

    async def run(self) -> dict[str, Any]:
        """Replicate, and return a summary; everything is cleaned up by then.

        Raises:
            AdbsyncError: what a retry can't mend, or has not mended in time.
        """
        sync = await self._open_sync()
        self._sync_id = sync.sync_id
        await import_engine("airflow_adbsync.engine.replication")
        from airflow_adbsync.engine.replication import LagReader

        async with (
            LagReader(sync) as reader,
            Alarm.watching(sync, self._notifiers, self._log) as alarm,
        ):
            watch = LagWatch(sync, reader, self._log, alarm)
            async with watch.running(), self._resting_when_idle(sync, watch, reader):
                stopped = await self._keep_applying(sync, alarm)
            await watch.sample(within=5.0)
        return self._summary(stopped, watch)

    async def _keep_applying(self, sync: Sync, alarm: Alarm | None) -> ApplierStopped:
        """Tell of a failure that ends it; the next applier that stops well ends the alert."""
        kind = f"failure {self._task_id}"
        try:
            stopped = await self._apply_on(sync)
        except AdbsyncError as error:
            if alarm is not None:
                await alarm.settle({kind: str(error)})
            raise
        if alarm is not None:
            await alarm.settle({kind: None})
        return stopped

    async def _apply_on(self, sync: Sync) -> ApplierStopped:
        patience = Patience(sync.config.incremental.retry_for)
        while True:
            try:
                return await self._run_applier(sync, patience)
            except (ApplierBusy, ApplierDied) as error:
                # Other failures that can pass the applier has tried again itself, for as long as it may.
                pause = patience.pause()
                if pause is None:
                    raise
                self._log.warning("%s The applier is started again in %.0f s.", error, pause)
            await asyncio.sleep(pause)
            sync = await self._open_sync()

    async def _run_applier(self, sync: Sync, patience: Patience) -> ApplierStopped:
        async with ApplierChild.running(sync, self._until, self._say, self._command) as child:
            self._child = child
            try:
                async for event in child.events():
                    stopped = self._hear(event, patience)
                    if stopped:
                        return stopped
                code = await child.exit_code()
            finally:
                self._child, self._reads = None, False
        if self._resting:
            # It took too long to leave; what it had not committed the next one applies.
            return ApplierStopped(IDLE, "")
        raise ApplierDied(
            f"The applier of sync {sync.sync_id!r} ended without a word (exit status {code}).",
            remedy="Read its last lines above; -9 is a kill, by the kernel for want of memory perhaps. It is "
            "started again, and goes on from the progress on the target.",
        )

    def _hear(self, event: Event, patience: Patience) -> ApplierStopped | None:
        match event:
            case ApplierStarted():
                patience.begin()
                self._reads = True
                self._log.info("The applier (%s) goes on from %s", event.owner, event.lsn)
            case BatchApplied():
                patience.restore()
                self._stirred = True
                self._done.transactions += event.transactions
                self._done.changes += event.changes
                metrics.batch(self._sync_id, event)
                spans.batch(self._sync_id, event)
            case ApplierStopped():
                self._log.info("The applier stopped at %s: %s", event.lsn, event.reason)
                return ApplierStopped(IDLE, event.lsn) if self._left_idle(event) else event
            case ApplierFailed():
                raise AdbsyncError.from_json(event.error)
        return None

    def _left_idle(self, stopped: ApplierStopped) -> bool:
        return self._resting and stopped.reason == "asked"

    @asynccontextmanager
    async def _resting_when_idle(self, sync: Sync, watch: LagWatch, reader: LagReader) -> AsyncIterator[None]:
        if not self._rests:
            yield
            return
        looking = asyncio.create_task(self._wait_for_rest(sync, watch, reader))
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.wait([looking])

    async def _wait_for_rest(self, sync: Sync, watch: LagWatch, reader: LagReader) -> None:
        """Withdraw the applier once it has had nothing to do, and no look has found a reason to stay."""
        options = sync.config.incremental
        wake_up = WakeUp.of(options, self._until)
        clock = asyncio.get_running_loop().time
        since = clock()
        while self._child is None or clock() - since < options.idle_after.total_seconds():
            busy = self._stirred or not self._reads or watch.trouble is not None
            if busy or watch.latest is None or wake_up.reason(watch.latest, reader):
                since = clock()
            self._stirred = False
            await asyncio.sleep(_TICK)
        self._resting = True
        self._log.info("Nothing to apply for %.0f s", options.idle_after.total_seconds())
        self._child.withdraw()

    def _say(self, line: str) -> None:
        level, _, text = line.partition(" ")
        if level in _LEVELS:
            self._log.log(_LEVELS[level], "applier: %s", text)
        else:
            self._log.info("applier: %s", line)

    def _summary(self, stopped: ApplierStopped, watch: LagWatch) -> dict[str, Any]:
        lag = watch.latest
        return {
            "reason": stopped.reason,
            "lsn": stopped.lsn,
            "transactions": self._done.transactions,
            "changes": self._done.changes,
            "lag_bytes": lag.lag_bytes if lag else None,
            "lag_seconds": lag.lag_seconds if lag else None,
        }
