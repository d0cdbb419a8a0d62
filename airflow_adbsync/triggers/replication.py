"""The trigger that keeps incremental replication going."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import TriggerEvent

from airflow_adbsync.engine.errors import AdbsyncError, ApplierBusy, ApplierDied
from airflow_adbsync.engine.events import (
    ApplierFailed,
    ApplierStarted,
    ApplierStopped,
    BatchApplied,
    Event,
)
from airflow_adbsync.notifiers import Document
from airflow_adbsync.triggers import metrics, outcome
from airflow_adbsync.triggers.alarm import Alarm
from airflow_adbsync.triggers.applier_child import COMMAND, ApplierChild
from airflow_adbsync.triggers.base import AdbsyncTrigger, import_engine, seconds_left
from airflow_adbsync.triggers.lag_watch import LagWatch
from airflow_adbsync.triggers.patience import Patience

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync

_LEVELS = {name: logging.getLevelNamesMapping()[name] for name in ("INFO", "WARNING", "ERROR", "CRITICAL")}


class ReplicationTrigger(AdbsyncTrigger):
    """Starts the applier as a child process, watches it and the lag, and starts it again where that can help.

    It destroys nothing, whatever ends it: the slot stays and the next applier goes on from the progress on
    the target. Where several triggerers run the same trigger for a time, one applier holds the sync and the
    others wait for it.

    :param config: the sync's configuration, as JSON.
    :param until: how long to replicate: ``{"until": "caught_up"|"lsn"|"time"|"stopped", "value": ...}``.
    :param deadline: the moment (ISO 8601, with its zone) at which to give up, or None.
    :param notifiers: class and arguments of those that tell of alerts, see `airflow_adbsync.notifiers`.
    :param task_id: the task, as alerts name it.
    """

    stored = ("until", "deadline", "notifiers", "task_id")
    applier_command: Sequence[str] = COMMAND

    def __init__(
        self,
        *,
        config: Mapping[str, Any],
        until: Mapping[str, Any],
        source_conn_id: str | None = None,
        target_conn_id: str | None = None,
        deadline: str | None = None,
        notifiers: Sequence[Document] = (),
        task_id: str = "incremental",
    ) -> None:
        super().__init__(config=config, source_conn_id=source_conn_id, target_conn_id=target_conn_id)
        self.until = dict(until)
        self.deadline = deadline
        self.notifiers = list(notifiers)
        self.task_id = task_id
        self._changes = 0
        self._transactions = 0

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Fire once, when replication has ended; everything is cleaned up by then."""
        try:
            async with asyncio.timeout(seconds_left(self.deadline)) as limit:
                event = await self._replicate()
        except AdbsyncError as error:
            event = outcome.failure(error)
        except TimeoutError:
            if not limit.expired():
                raise
            event = outcome.timeout(f"Incremental replication did not end before {self.deadline}.")
        yield event

    async def _replicate(self) -> TriggerEvent:
        sync = await self.open_sync()
        await import_engine("airflow_adbsync.engine.replication")
        from airflow_adbsync.engine.replication import LagReader

        async with (
            LagReader(sync) as reader,
            Alarm.watching(sync, self.notifiers, self.log) as alarm,
        ):
            watch = LagWatch(sync, reader, self.log, alarm)
            async with watch.running():
                stopped = await self._keep_applying(sync, alarm)
            await watch.sample(within=5.0)
        return outcome.success(self._summary(stopped, watch))

    async def _keep_applying(self, sync: Sync, alarm: Alarm | None) -> ApplierStopped:
        """Tell of a failure that ends it; the next applier that stops well ends the alert."""
        kind = f"failure {self.task_id}"
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
                self.log.warning("%s The applier is started again in %.0f s.", error, pause)
            await asyncio.sleep(pause)
            sync = await self.open_sync()

    async def _run_applier(self, sync: Sync, patience: Patience) -> ApplierStopped:
        async with ApplierChild.running(sync, self.until, self._say, self.applier_command) as child:
            async for event in child.events():
                stopped = self._hear(event, patience)
                if stopped:
                    return stopped
            code = await child.exit_code()
        raise ApplierDied(f"The applier of sync {sync.sync_id!r} ended without a word (exit status {code}).")

    def _hear(self, event: Event, patience: Patience) -> ApplierStopped | None:
        match event:
            case ApplierStarted():
                patience.begin()
                self.log.info("The applier (%s) goes on from %s", event.owner, event.lsn)
            case BatchApplied():
                patience.restore()
                self._transactions += event.transactions
                self._changes += event.changes
                metrics.batch(self.config["sync_id"], event)
            case ApplierStopped():
                self.log.info("The applier stopped at %s: %s", event.lsn, event.reason)
                return event
            case ApplierFailed():
                raise AdbsyncError.from_json(event.error)
        return None

    def _say(self, line: str) -> None:
        level, _, text = line.partition(" ")
        if level in _LEVELS:
            self.log.log(_LEVELS[level], "applier: %s", text)
        else:
            self.log.info("applier: %s", line)

    def _summary(self, stopped: ApplierStopped, watch: LagWatch) -> dict[str, Any]:
        lag = watch.latest
        return {
            "reason": stopped.reason,
            "lsn": stopped.lsn,
            "transactions": self._transactions,
            "changes": self._changes,
            "lag_bytes": lag.lag_bytes if lag else None,
            "lag_seconds": lag.lag_seconds if lag else None,
        }
