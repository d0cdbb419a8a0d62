"""Measuring a sync's lag while its applier runs, and publishing it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from airflow_adbsync.engine.errors import AdbsyncError, ConnectionFailed
from airflow_adbsync.triggers import metrics
from airflow_adbsync.triggers.alarm import Alarm

if TYPE_CHECKING:
    from airflow_adbsync.engine.replication import LagReader
    from airflow_adbsync.engine.state.lag import LagSample
    from airflow_adbsync.engine.sync import Sync

_LONGEST_LOOK = 30.0
_LOG_EVERY = 30.0


class LagWatch:
    """Takes samples, keeps them on the target, sends them as gauges, and logs one now and then.

    A sample that fails is a warning: the applier, not the watch, decides whether the sync is well.
    ``trouble`` is why the last look saw nothing, ``latest`` what was seen last.
    """

    def __init__(self, sync: Sync, reader: LagReader, log: Any, alarm: Alarm | None = None) -> None:
        self._alarm = alarm
        self._sync = sync
        self._reader = reader
        self._log = log
        self._spoke_at = float("-inf")
        self.latest: LagSample | None = None
        self.trouble: AdbsyncError | None = None

    @property
    def every(self) -> float:
        """Seconds between two samples."""
        return self._sync.config.incremental.sample_lag_every.total_seconds()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take samples meanwhile."""
        watching = asyncio.create_task(self._run())
        watching.add_done_callback(self._say_if_broken)
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    async def _run(self) -> None:
        while True:
            await self.sample()
            await asyncio.sleep(self.every)

    async def sample(self, within: float = _LONGEST_LOOK) -> None:
        """Take one sample, waiting no longer than ``within`` seconds for the servers."""
        try:
            async with asyncio.timeout(within):
                self.latest = sample = await self._reader.read()
                self._publish(sample)
                await self._reader.store(sample)
            self.trouble = None
            if self._alarm is not None:
                await self._alarm.look(sample, self._reader.source)
        except (AdbsyncError, TimeoutError) as error:
            self.trouble = error if isinstance(error, AdbsyncError) else _slow()
            if self._may_speak():
                self._log.warning("The lag could not be measured: %s", self.trouble)

    def _may_speak(self) -> bool:
        now = time.monotonic()
        if now - self._spoke_at < _LOG_EVERY:
            return False
        self._spoke_at = now
        return True

    def _say_if_broken(self, watching: asyncio.Task[None]) -> None:
        error = None if watching.cancelled() else watching.exception()
        if error is not None:
            self._log.error("The lag is not measured any more: %r", error)

    def _publish(self, sample: LagSample) -> None:
        metrics.lag(self._sync.sync_id, sample)
        if self._may_speak():
            self._log.info(
                "Lag of sync %s: %d bytes, %.1f s; the slot keeps %s bytes (%s)",
                self._sync.sync_id,
                sample.lag_bytes,
                sample.lag_seconds,
                sample.retained_bytes,
                self._reader.source.wal_status if self._reader.source else None,
            )


def _slow() -> AdbsyncError:
    return ConnectionFailed(
        "The servers took too long.", remedy="Check the servers and the network; they are asked again."
    )
