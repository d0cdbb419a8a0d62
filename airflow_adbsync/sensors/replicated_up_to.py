"""Waiting for the target to hold everything up to a moment or an LSN."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.sensors.base import AdbsyncSensor
from airflow_adbsync.triggers.replicated_up_to import ReplicatedUpToTrigger

if TYPE_CHECKING:
    from airflow_adbsync.engine.model import Lsn
    from airflow_adbsync.engine.replication import Until
    from airflow_adbsync.engine.sync import Sync


class ReplicatedUpToSensor(AdbsyncSensor):
    """Wait until the target holds everything that the source had committed at a moment, or up to an LSN.

    The moment is by the source's clock: the sensor waits for it to pass there, notes the end of the source's
    log, and waits for the target to have applied that place.

    :param at: the moment (ISO 8601), by default the end of the run's data interval. (templated)
    :param lsn: an LSN such as ``16/B374D848``; takes the place of ``at``. (templated)
    """

    template_fields: Sequence[str] = (*AdbsyncSensor.template_fields, "at", "lsn")

    def __init__(
        self, *, at: str | datetime = "{{ data_interval_end }}", lsn: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if self.reschedule and not self.deferrable:
            raise ConfigError(
                "ReplicatedUpToSensor can't be rescheduled: it would forget which place it waits for.",
                remedy="Leave `mode` out; a deferrable sensor holds no worker.",
            )
        self.at = at
        self.lsn = lsn
        self._place: Lsn | None = None

    def trigger(self) -> ReplicatedUpToTrigger:
        """The trigger that waits in this sensor's place."""
        from airflow_adbsync.engine.replication import until_to_json

        return ReplicatedUpToTrigger(**self.watched, until=until_to_json(self._until()))

    async def look(self, sync: Sync) -> bool:
        """Compare once."""
        from airflow_adbsync.engine.replication import AtLsn, Goal

        async with Goal(sync, AtLsn(self._place) if self._place is not None else self._until()) as goal:
            reached = await goal.reached()
            self._place = goal.lsn
        return reached

    def _until(self) -> Until:
        from airflow_adbsync.engine.replication import parse_until

        return parse_until("lsn", self.lsn) if self.lsn else parse_until("time", self.at)
