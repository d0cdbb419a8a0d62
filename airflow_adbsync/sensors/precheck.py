"""Waiting for the precheck to pass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseSensorOperator

from airflow_adbsync.failures import airflow_failures
from airflow_adbsync.hooks.acknowledging import acknowledged_checks, acknowledger
from airflow_adbsync.hooks.sync import ConfigLike, config_field, open_sync

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context


class PrecheckSensor(BaseSensorOperator):
    """Run the checks again and again until they pass: until a setting is changed, a right is granted.

    Between two looks the task is rescheduled and holds no worker; checks take seconds and talk to servers, so
    they have no place in the triggerer. A configuration that can't be used fails at once.

    :param config: the sync, as for the operators. (templated)
    :param source_conn_id: takes the place of the configuration's ``source``. (templated)
    :param target_conn_id: takes the place of the configuration's ``target``. (templated)
    :param acknowledge: as for `PrecheckOperator`. (templated)
    :param poke_interval: seconds between two looks.
    """

    template_fields: Sequence[str] = ("config", "source_conn_id", "target_conn_id", "acknowledge")
    template_fields_renderers: ClassVar[dict[str, str]] = {"config": "json"}
    ui_color = "#dbe9f6"

    def __init__(
        self,
        *,
        config: ConfigLike,
        source_conn_id: str | None = None,
        target_conn_id: str | None = None,
        acknowledge: Sequence[str] | str = (),
        poke_interval: timedelta | float = 60,
        mode: str = "reschedule",
        **kwargs: Any,
    ) -> None:
        super().__init__(poke_interval=poke_interval, mode=mode, **kwargs)
        self.config: Mapping[str, Any] = config_field(config, self.get_dag())
        self.source_conn_id = source_conn_id
        self.target_conn_id = target_conn_id
        self.acknowledge = acknowledge

    def poke(self, context: Context) -> bool:
        """Run all checks once, and keep what was found."""
        from airflow_adbsync.engine import precheck

        names = acknowledged_checks(self.acknowledge)
        with airflow_failures():
            sync = open_sync(self.config, self.source_conn_id, self.target_conn_id)
            report = precheck.check(sync, names)
            self.log.info("Precheck of sync %s\n%s", sync.sync_id, precheck.render(report, names))
            precheck.record(sync, report, names, acknowledger(context))
        return report.passed(names)
