"""Waiting for the lag to be small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.sensors.base import AdbsyncSensor
from airflow_adbsync.triggers.slot_lag import SlotLagTrigger, within

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class SlotLagSensor(AdbsyncSensor):
    """Wait until the target is no further behind than each bound that is given.

    :param max_bytes: bytes of WAL between the source's end of log and what the target holds.
    :param max_seconds: seconds, by the source's clock, since the last moment that the target holds entirely.
    """

    def __init__(
        self, *, max_bytes: int | None = None, max_seconds: float | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if max_bytes is None and max_seconds is None:
            raise ConfigError("SlotLagSensor has no bound.", remedy="Give max_bytes, max_seconds or both.")
        self.max_bytes = max_bytes
        self.max_seconds = max_seconds

    def trigger(self) -> SlotLagTrigger:
        """The trigger that waits in this sensor's place."""
        return SlotLagTrigger(**self.watched, max_bytes=self.max_bytes, max_seconds=self.max_seconds)

    async def look(self, sync: Sync) -> bool:
        """Measure once."""
        from airflow_adbsync.engine.replication import LagReader

        async with LagReader(sync) as reader:
            sample = await reader.read()
        self.log.info("Lag: %d bytes, %.1f s", sample.lag_bytes, sample.lag_seconds)
        return within(sample, self.max_bytes, self.max_seconds)
