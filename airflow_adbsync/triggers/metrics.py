"""What is measured of a sync, by the names that docs/metrics.md gives; each bears the tag ``sync_id``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk.observability import stats

if TYPE_CHECKING:
    from airflow_adbsync.engine.events import BatchApplied
    from airflow_adbsync.engine.state.lag import LagSample

GAUGES = (
    "adbsync.lag_bytes",
    "adbsync.lag_seconds",
    "adbsync.retained_bytes",
    "adbsync.queue_changes",
    "adbsync.queue_bytes",
    "adbsync.applier_memory_bytes",
)
COUNTERS = (
    "adbsync.transactions_applied",
    "adbsync.changes_applied",
    "adbsync.rows_applied",
    "adbsync.bytes_applied",
)
TIMERS = ("adbsync.batch_time",)


def lag(sync_id: str, sample: LagSample) -> None:
    """Publish a sample of the lag."""
    tags = {"sync_id": sync_id}
    stats.gauge("adbsync.lag_bytes", sample.lag_bytes, tags=tags)
    stats.gauge("adbsync.lag_seconds", sample.lag_seconds, tags=tags)
    if sample.retained_bytes is not None:
        stats.gauge("adbsync.retained_bytes", sample.retained_bytes, tags=tags)


def batch(sync_id: str, event: BatchApplied) -> None:
    """Publish a batch that was applied."""
    tags = {"sync_id": sync_id}
    stats.incr("adbsync.transactions_applied", event.transactions, tags=tags)
    stats.incr("adbsync.changes_applied", event.changes, tags=tags)
    stats.incr("adbsync.rows_applied", event.rows, tags=tags)
    stats.incr("adbsync.bytes_applied", event.bytes, tags=tags)
    stats.timing("adbsync.batch_time", timedelta(seconds=event.seconds), tags=tags)
    stats.gauge("adbsync.queue_changes", event.queued_changes, tags=tags)
    stats.gauge("adbsync.queue_bytes", event.queued_bytes, tags=tags)
    stats.gauge("adbsync.applier_memory_bytes", event.peak_memory, tags=tags)
