"""The trigger behind `SlotLagSensor`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from airflow_adbsync.triggers.watching import Look, WatchTrigger

if TYPE_CHECKING:
    from airflow_adbsync.engine.state.lag import LagSample
    from airflow_adbsync.engine.sync import Sync


def within(sample: LagSample, max_bytes: int | None, max_seconds: float | None) -> bool:
    """Tell whether a sample keeps the bounds that are given."""
    return (max_bytes is None or sample.lag_bytes <= max_bytes) and (
        max_seconds is None or sample.lag_seconds <= max_seconds
    )


class SlotLagTrigger(WatchTrigger):
    """Fires once the lag is no larger than each bound that is given.

    :param max_bytes: bytes of WAL between the source's end of log and what the target holds.
    :param max_seconds: seconds, by the source's clock, since the last moment that the target holds entirely.
    """

    stored = (*WatchTrigger.stored, "max_bytes", "max_seconds")

    def __init__(
        self,
        *,
        config: Mapping[str, Any],
        source_conn_id: str | None = None,
        target_conn_id: str | None = None,
        poke_interval: float = 10.0,
        deadline: str | None = None,
        max_bytes: int | None = None,
        max_seconds: float | None = None,
    ) -> None:
        super().__init__(
            config=config,
            source_conn_id=source_conn_id,
            target_conn_id=target_conn_id,
            poke_interval=poke_interval,
            deadline=deadline,
        )
        self.max_bytes = max_bytes
        self.max_seconds = max_seconds

    @asynccontextmanager
    async def watch(self, sync: Sync) -> AsyncIterator[Look]:
        """Give a look at the lag."""
        from airflow_adbsync.engine.replication import LagReader

        async with LagReader(sync, max_age=self.max_age) as reader:

            async def look() -> dict[str, Any] | None:
                sample = await reader.read()
                if not within(sample, self.max_bytes, self.max_seconds):
                    return None
                return {"lag_bytes": sample.lag_bytes, "lag_seconds": sample.lag_seconds}

            yield look
