"""What the sensors share."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from airflow.sdk import BaseSensorOperator

from airflow_adbsync.failures import airflow_failures
from airflow_adbsync.hooks.sync import ConfigLike, config_field, open_sync, sync_reference
from airflow_adbsync.links import LINKS, push_links
from airflow_adbsync.triggers.outcome import result_of

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_adbsync.engine.sync import Sync
    from airflow_adbsync.triggers.watching import WatchTrigger


_GRACE = timedelta(minutes=5)


class AdbsyncSensor(BaseSensorOperator):
    """Waits for something about a sync.

    :param config: the sync, as for the operators. (templated)
    :param source_conn_id: takes the place of the configuration's ``source``. (templated)
    :param target_conn_id: takes the place of the configuration's ``target``. (templated)
    :param poke_interval: seconds between two looks.
    :param timeout: seconds until it gives up, counted from the task's start; so is ``execution_timeout``.
    :param deferrable: wait in the triggerer (the default), or in the worker.
    """

    template_fields: Sequence[str] = ("config", "source_conn_id", "target_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"config": "json"}
    ui_color = "#dbe9f6"
    operator_extra_links = LINKS

    def __init__(
        self,
        *,
        config: ConfigLike,
        source_conn_id: str | None = None,
        target_conn_id: str | None = None,
        poke_interval: timedelta | float = 10,
        deferrable: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(poke_interval=poke_interval, **kwargs)
        self.config: Mapping[str, Any] = config_field(config, self.get_dag())
        self.source_conn_id = source_conn_id
        self.target_conn_id = target_conn_id
        self.deferrable = deferrable
        self.sync_reference = sync_reference(self.config, source_conn_id, target_conn_id, waits=True)

    @classmethod
    def get_serialized_fields(cls) -> frozenset[str]:
        """Carry `sync_reference` into the serialized DAG: by it the page leads from the task to its sync."""
        inherited: frozenset[str] = super().get_serialized_fields()  # type: ignore[no-untyped-call]
        return inherited | {"sync_reference"}

    def execute(self, context: Context) -> Any:
        """Defer, or wait in place."""
        if self.deferrable:
            push_links(context)
            self._defer()
        return super().execute(context)

    def _defer(self) -> NoReturn:
        with airflow_failures():
            open_sync(self.config, self.source_conn_id, self.target_conn_id)
            trigger = self.trigger()
        # The trigger ends by itself at the deadline; Airflow's own timeout is for one that no longer can.
        timeout = timedelta(seconds=self._patience()) + _GRACE
        self.defer(trigger=trigger, method_name="execute_complete", timeout=timeout)

    def _patience(self) -> float:
        """Seconds until it gives up; Airflow does not heed ``execution_timeout`` while a task is deferred."""
        longest = self.execution_timeout
        return min(self.timeout, longest.total_seconds()) if longest else self.timeout

    def poke(self, context: Context) -> bool:  # noqa: ARG002 - Airflow's signature
        """Look once."""
        with airflow_failures():
            sync = open_sync(self.config, self.source_conn_id, self.target_conn_id)
            return asyncio.run(self.look(sync))

    async def look(self, sync: Sync) -> bool:
        """Tell whether it has come to what is waited for."""
        raise NotImplementedError

    def trigger(self) -> WatchTrigger:
        """The trigger that waits in this sensor's place."""
        raise NotImplementedError

    @property
    def watched(self) -> dict[str, Any]:
        """What every trigger behind a sensor is told."""
        return {
            "config": self.config,
            "source_conn_id": self.source_conn_id,
            "target_conn_id": self.target_conn_id,
            "poke_interval": self.poke_interval,
            "deadline": (datetime.now(UTC) + timedelta(seconds=self._patience())).isoformat(),
        }

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Return what was seen, or raise what ended the waiting."""
        with airflow_failures():
            return result_of(event)
