"""The trigger that keeps incremental replication going."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from airflow.triggers.base import TriggerEvent

from airflow_adbsync.notifiers import Document
from airflow_adbsync.triggers.applier_child import COMMAND
from airflow_adbsync.triggers.base import AdbsyncTrigger, event_of
from airflow_adbsync.triggers.supervision import Supervisor


class ReplicationTrigger(AdbsyncTrigger):
    """Starts the applier as a child process, watches it and the lag, and starts it again where that can help.

    It destroys nothing, whatever ends it: the slot stays and the next applier goes on from the progress on
    the target. Where several triggerers run the same trigger for a time, one applier holds the sync and the
    others wait for it.

    :param config: the sync's configuration, as JSON.
    :param until: how long to replicate: ``{"until": ..., "value": ...}``, see `IncrementalOperator`.
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

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Fire once, when replication has ended; everything is cleaned up by then."""
        late = f"Incremental replication did not end before {self.deadline}."
        yield await event_of(self._replicate(), self.deadline, late)

    async def _replicate(self) -> dict[str, Any]:
        supervisor = Supervisor(
            self.open_sync,
            self.until,
            self.log,
            notifiers=self.notifiers,
            task_id=str(self.task_id),
            command=self.applier_command,
        )
        return await supervisor.run()
