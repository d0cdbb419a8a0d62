"""The incremental phase."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import TaskDeferralTimeout

from airflow_adbsync.assets import TableEvent, announce
from airflow_adbsync.engine.config import ApplyOn
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.failures import airflow_failures
from airflow_adbsync.lineage import lineage
from airflow_adbsync.links import push_links
from airflow_adbsync.operators.throttled import ThrottledOperator
from airflow_adbsync.triggers.backlog import BacklogTrigger
from airflow_adbsync.triggers.base import seconds_left
from airflow_adbsync.triggers.outcome import result_of
from airflow_adbsync.triggers.replication import ReplicationTrigger
from airflow_adbsync.triggers.supervision import IDLE, Done, Supervisor

if TYPE_CHECKING:
    from airflow.sdk import Context
    from pydantic import JsonValue

    from airflow_adbsync.engine.model import QualifiedName
    from airflow_adbsync.engine.sync import Sync

# The trigger ends by itself at the deadline; Airflow's own timeout is for a trigger that no longer can.
_GRACE = timedelta(minutes=5)


class IncrementalOperator(ThrottledOperator):
    """Apply the source's changes to the target, deferred, until told otherwise.

    By default the applier runs beside the trigger that this task defers to. With ``apply_on="worker"`` the
    trigger only watches: the task applies in its worker while there are changes, gives its place back when
    there was nothing for ``incremental.idle_after``, and is resumed once the target is
    ``incremental.wake_bytes`` or ``incremental.wake_after`` behind.

    When it ends, each table that has changed since its last announcement is announced as an event of its
    asset, with the rows touched and the LSN of its last change.

    :param until: ``caught_up`` (the target is no further behind than the last moments' traffic), ``lsn`` or
        ``time`` (it holds everything up to ``until_value``), ``stopped`` (somebody asked for it,
        see `StopOperator`), or ``switched`` (as ``stopped``, and also once a cut-over is made). (templated)
    :param until_value: an LSN (``16/B374D848``) or a moment (ISO 8601). (templated)
    :param timeout: when to give up, counted from the task's start; ``execution_timeout`` does not count while
        a task is deferred. Nothing is lost: a retry goes on from where this one stopped.
    :param apply_on: ``triggerer`` or ``worker``; by default as the configuration's ``incremental`` says.
    """

    template_fields: Sequence[str] = (*ThrottledOperator.template_fields, "until", "until_value")
    announces = True
    section = "incremental"

    def __init__(
        self,
        *,
        until: str = "caught_up",
        until_value: str | datetime | None = None,
        timeout: timedelta | None = None,
        apply_on: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if apply_on not in (None, *ApplyOn):
            raise ConfigError(f"`apply_on` is {apply_on!r}.", remedy=f"Write {' or '.join(ApplyOn)}.")
        self.until = until
        self.until_value = until_value
        self.timeout = timeout
        self.apply_on = apply_on
        self._changed: tuple[QualifiedName, ...] = ()

    def execute(self, context: Context) -> Any:
        """Begin, once it is sure that the arguments can be used."""
        from airflow_adbsync.engine.replication import parse_until, until_to_json

        with airflow_failures():
            until = until_to_json(parse_until(self.until, self.until_value))
            sync = self.open_sync()
        deadline = (datetime.now(UTC) + self.timeout).isoformat() if self.timeout else None
        push_links(context)
        if (self.apply_on or sync.config.incremental.apply_on) == ApplyOn.WORKER:
            return self._work(context, until, deadline, Done())
        return self.defer(
            trigger=ReplicationTrigger(**self._watched(until, deadline)),
            method_name="execute_complete",
            timeout=self._patience(deadline),
        )

    def go_on(self, context: Context, event: dict[str, Any]) -> Any:
        """Apply again, woken by `BacklogTrigger`."""
        with airflow_failures():
            woken = result_of(event)
        self.log.info("Woken: %s", woken["reason"])
        return self._work(context, woken["until"], woken["deadline"], Done(**woken["done"]))

    def _work(self, context: Context, until: dict[str, Any], deadline: str | None, done: Done) -> Any:
        with airflow_failures():
            result = asyncio.run(self._apply_until_idle(until, deadline, done))
        if result["reason"] != IDLE:
            return self._finish(context, result)
        return self.defer(
            trigger=BacklogTrigger(**self._watched(until, deadline), done=asdict(done)),
            method_name="go_on",
            timeout=self._patience(deadline),
        )

    async def _apply_until_idle(
        self, until: dict[str, Any], deadline: str | None, done: Done
    ) -> dict[str, Any]:
        supervisor = Supervisor(
            self._open_sync_anew,
            until,
            self.log,
            notifiers=self.notifiers,
            task_id=self.task_id,
            rests=True,
            done=done,
        )
        try:
            async with asyncio.timeout(seconds_left(deadline)) as limit:
                return await supervisor.run()
        except TimeoutError as error:
            if not limit.expired():
                raise
            what = f"Incremental replication did not end before {deadline}."
            raise TaskDeferralTimeout(what) from error

    async def _open_sync_anew(self) -> Sync:
        return await asyncio.to_thread(self.open_sync)

    def _watched(self, until: dict[str, Any], deadline: str | None) -> dict[str, Any]:
        return {
            "config": self.configured(),
            "source_conn_id": self.source_conn_id,
            "target_conn_id": self.target_conn_id,
            "until": until,
            "deadline": deadline,
            "notifiers": self.notifiers,
            "task_id": self.task_id,
        }

    def _patience(self, deadline: str | None) -> timedelta | None:
        left = seconds_left(deadline)
        return None if left is None else timedelta(seconds=left) + _GRACE

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Return how far the target got, or raise what ended the applier."""
        with airflow_failures():
            result = result_of(event)
        return self._finish(context, result)

    def _finish(self, context: Context, result: dict[str, Any]) -> dict[str, Any]:
        with airflow_failures():
            events = list(self._events(self.open_sync(), context))
        announce(context, self.sync_reference, events)
        self._changed = tuple(event.name for event in events)
        self.log.info("Replicated up to %s (%s)", result["lsn"], result["reason"])
        return result

    def get_openlineage_facets_on_complete(self, _task_instance: Any) -> Any:
        """The tables that have changed, on both sides; None where the OpenLineage provider is not there."""
        return lineage(self.open_sync(), self._changed)

    def _events(self, sync: Sync, context: Context) -> Iterator[TableEvent]:
        from airflow_adbsync.engine import state
        from airflow_adbsync.engine.connect import connect, typed_errors

        ti = context["ti"]
        run = "/".join((ti.dag_id, ti.run_id, ti.task_id, str(ti.map_index)))
        with connect(sync.target) as conn, typed_errors(sync.target, "announcing changes"):
            changes = state.announcements.take(conn, sync.sync_id, run)
        for change in changes:
            extra: dict[str, JsonValue] = {"event": "changed", "rows": change.rows, "lsn": str(change.lsn)}
            yield TableEvent(change.name, extra)
