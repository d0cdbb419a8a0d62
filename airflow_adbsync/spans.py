"""Spans of a sync's phases and batches, where Airflow is configured to trace; else without effect."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from airflow_adbsync.engine.events import BatchApplied


@contextmanager
def phase(sync_id: str, task_id: str) -> Iterator[None]:
    """Whatever runs within is a phase of the sync: a child of the task's own span, failed if it raises."""
    with _tracer().start_as_current_span(f"adbsync.{task_id}", attributes={"adbsync.sync_id": sync_id}):
        yield


def batch(sync_id: str, event: BatchApplied) -> None:
    """A batch that is committed on the target: from its first statement there to now."""
    now = time.time_ns()
    span = _tracer().start_span(
        "adbsync.batch",
        start_time=now - int(event.seconds * 1e9),
        attributes={
            "adbsync.sync_id": sync_id,
            "adbsync.lsn": event.lsn,
            "adbsync.transactions": event.transactions,
            "adbsync.changes": event.changes,
            "adbsync.bytes": event.bytes,
        },
    )
    span.end(now)


def _tracer() -> Tracer:
    from opentelemetry.trace import get_tracer  # noqa: PLC0415 - DAG files import this, and trace nothing

    return get_tracer("airflow_adbsync")
