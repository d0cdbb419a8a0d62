"""The incremental phase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow_adbsync.assets import TableEvent, announce
from airflow_adbsync.failures import airflow_failures
from airflow_adbsync.lineage import lineage
from airflow_adbsync.links import push_links
from airflow_adbsync.operators.base import AdbsyncOperator
from airflow_adbsync.triggers.outcome import result_of
from airflow_adbsync.triggers.replication import ReplicationTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context
    from pydantic import JsonValue

    from airflow_adbsync.engine.model import QualifiedName
    from airflow_adbsync.engine.sync import Sync

# The trigger ends by itself at the deadline; Airflow's own timeout is for a trigger that no longer can.
_GRACE = timedelta(minutes=5)


class IncrementalOperator(AdbsyncOperator):
    """Apply the source's changes to the target, deferred, until told otherwise.

    When it ends, each table that has changed since its last announcement is announced as an event of its
    asset, with the rows touched and the LSN of its last change.

    :param until: ``caught_up`` (the target is no further behind than the last moments' traffic), ``lsn`` or
        ``time`` (it holds everything up to ``until_value``), or ``stopped`` (somebody asked for it,
        see `StopOperator`). (templated)
    :param until_value: an LSN (``16/B374D848``) or a moment (ISO 8601). (templated)
    :param timeout: when to give up, counted from the task's start; ``execution_timeout`` does not count while
        a task is deferred. Nothing is lost: a retry goes on from where this one stopped.
    """

    template_fields: Sequence[str] = (*AdbsyncOperator.template_fields, "until", "until_value")
    announces = True

    def __init__(
        self,
        *,
        until: str = "caught_up",
        until_value: str | datetime | None = None,
        timeout: timedelta | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.until = until
        self.until_value = until_value
        self.timeout = timeout
        self._changed: tuple[QualifiedName, ...] = ()

    def execute(self, context: Context) -> Any:
        """Defer to `ReplicationTrigger`, once it is sure that the arguments can be used."""
        from airflow_adbsync.engine.replication import parse_until, until_to_json

        with airflow_failures():
            until = until_to_json(parse_until(self.until, self.until_value))
            self.open_sync()
        deadline = datetime.now(UTC) + self.timeout if self.timeout else None
        push_links(context)
        self.defer(
            trigger=ReplicationTrigger(
                config=self.config,
                source_conn_id=self.source_conn_id,
                target_conn_id=self.target_conn_id,
                until=until,
                deadline=deadline.isoformat() if deadline else None,
                notifiers=self.notifiers,
                task_id=self.task_id,
            ),
            method_name="execute_complete",
            timeout=self.timeout + _GRACE if self.timeout else None,
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Return how far the target got, or raise what ended the applier."""
        with airflow_failures():
            result = result_of(event)
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
