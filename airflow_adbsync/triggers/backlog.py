"""The trigger that wakes a worker when there is something to apply."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import TriggerEvent

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.notifiers import Document
from airflow_adbsync.triggers.alarm import Alarm
from airflow_adbsync.triggers.base import AdbsyncTrigger, event_of, import_engine
from airflow_adbsync.triggers.lag_watch import LagWatch
from airflow_adbsync.triggers.patience import Patience
from airflow_adbsync.triggers.wake_up import WakeUp

if TYPE_CHECKING:
    from airflow_adbsync.engine.replication import LagReader


# A task that goes on before the scheduler has heard that its process has ended counts as failed to Airflow.
_SETTLE = 5.0


class BacklogTrigger(AdbsyncTrigger):
    """Watches the lag of a sync that nobody applies, and fires when a worker is needed.

    That is the case once the target is ``wake_bytes`` or ``wake_after`` behind, when replication was asked to
    stop or may come to its end, when the slot is in danger or gone, and when a look was refused for a reason
    that waiting can't mend: the applier then says what is the matter. While a server is away it looks again
    for as long as ``incremental.retry_for``.

    It does not fire in its first seconds: the worker that has just rested is to be gone by then.

    Its event hands back what it was given, ``until``, ``deadline`` and ``done`` (what was applied before).

    :param config: the sync's configuration, as JSON.
    :param until: how long to replicate: ``{"until": ..., "value": ...}``, see `IncrementalOperator`.
    :param deadline: the moment (ISO 8601, with its zone) at which to give up, or None.
    :param done: transactions and changes applied so far.
    :param notifiers: class and arguments of those that tell of alerts, see `airflow_adbsync.notifiers`.
    :param task_id: the task, as alerts name it.
    """

    stored = ("until", "deadline", "done", "notifiers", "task_id")

    def __init__(
        self,
        *,
        config: Mapping[str, Any],
        until: Mapping[str, Any],
        source_conn_id: str | None = None,
        target_conn_id: str | None = None,
        deadline: str | None = None,
        done: Mapping[str, int] | None = None,
        notifiers: Sequence[Document] = (),
        task_id: str = "incremental",
    ) -> None:
        super().__init__(config=config, source_conn_id=source_conn_id, target_conn_id=target_conn_id)
        self.until = dict(until)
        self.deadline = deadline
        self.done = dict(done or {})
        self.notifiers = list(notifiers)
        self.task_id = task_id

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Fire once, when there is something to do."""
        late = f"Incremental replication did not end before {self.deadline}."
        yield await event_of(self._woken(), self.deadline, late)

    async def _woken(self) -> dict[str, Any]:
        reason = await self._watch()
        return {"reason": reason, "until": self.until, "deadline": self.deadline, "done": self.done}

    async def _watch(self) -> str:
        await asyncio.sleep(_SETTLE)
        sync = await self.open_sync()
        await import_engine("airflow_adbsync.engine.replication")
        from airflow_adbsync.engine.replication import LagReader

        options = sync.config.incremental
        async with LagReader(sync) as reader, Alarm.watching(sync, self.notifiers, self.log) as alarm:
            watch = LagWatch(sync, reader, self.log, alarm)
            wake_up = WakeUp.of(options, self.until)
            patience = Patience(options.retry_for)
            try:
                return await self._look_on(watch, reader, wake_up, patience)
            except AdbsyncError as error:
                if alarm is not None:
                    await alarm.settle({f"failure {self.task_id}": str(error)})
                raise

    async def _look_on(self, watch: LagWatch, reader: LagReader, wake_up: WakeUp, patience: Patience) -> str:
        while True:
            await watch.sample()
            pause = watch.every
            if watch.trouble is None:
                patience.restore()
                reason = wake_up.reason(watch.latest, reader)
                if reason is not None:
                    return reason
            elif watch.trouble.retryable:
                left = patience.pause()
                if left is None:
                    raise watch.trouble
                pause = left
            else:
                return f"the sync can't be watched: {watch.trouble}"
            await asyncio.sleep(pause)
