"""What the operators of all phases share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperator

from airflow_adbsync import spans
from airflow_adbsync.assets import alias_of
from airflow_adbsync.failures import airflow_failures
from airflow_adbsync.hooks.sync import ConfigLike, config_field, open_sync, sync_reference
from airflow_adbsync.links import LINKS
from airflow_adbsync.notifiers import documents
from airflow_adbsync.operators.alerting import alerting

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_adbsync.engine.sync import Sync


class AdbsyncOperator(BaseOperator):
    """A phase of a sync.

    :param config: the sync: a `SyncConfig`, a mapping of its keys, or the path of a YAML file, which counts
        from the DAG file's folder. (templated)
    :param source_conn_id: takes the place of the configuration's ``source``. (templated)
    :param target_conn_id: takes the place of the configuration's ``target``. (templated)
    :param notifiers: who is told of alerts: Airflow notifiers, or `AsyncCallback` of them with arguments.
        What they are made of is stored in clear, so give connection ids and no secrets.

    A failure that can pass by itself is raised as it is, and Airflow tries the task again; any other ends the
    task at once as AirflowFailException, with what happened and what to do. Killing the task drops nothing:
    servers roll back what was not committed.
    """

    template_fields: Sequence[str] = ("config", "source_conn_id", "target_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"config": "json"}
    ui_color = "#dbe9f6"
    operator_extra_links = LINKS
    # Whether it announces what becomes of tables as events of their assets.
    announces: ClassVar[bool] = False

    def __init__(
        self,
        *,
        config: ConfigLike,
        source_conn_id: str | None = None,
        target_conn_id: str | None = None,
        notifiers: Sequence[Any] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.config: Mapping[str, Any] = config_field(config, self.get_dag())
        self.source_conn_id = source_conn_id
        self.target_conn_id = target_conn_id
        self.notifiers = documents(notifiers)
        self.sync_reference = sync_reference(self.config, source_conn_id, target_conn_id)
        alias = alias_of(self.sync_reference) if self.announces else None
        if alias is not None and alias not in self.outlets:
            self.outlets = [*self.outlets, alias]

    @classmethod
    def get_serialized_fields(cls) -> frozenset[str]:
        """Carry `sync_reference` into the serialized DAG, where a long ``config`` is cut short."""
        inherited: frozenset[str] = super().get_serialized_fields()  # type: ignore[no-untyped-call]
        return inherited | {"sync_reference"}

    def execute(self, context: Context) -> Any:
        """Run the phase; its summary becomes the task's XCom."""
        with airflow_failures():
            sync = self.open_sync()
            with spans.phase(sync.sync_id, self.task_id), alerting(sync, self.notifiers, context["ti"]):
                return self.perform(sync)

    def configured(self) -> Any:
        """The configuration as this run has it."""
        return self.config

    def open_sync(self) -> Sync:
        """The sync with its two endpoints."""
        return open_sync(self.configured(), self.source_conn_id, self.target_conn_id)

    def perform(self, sync: Sync) -> Any:
        """Do the phase and return a summary that JSON can hold."""
        raise NotImplementedError
