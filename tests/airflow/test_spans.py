"""What is traced of a sync, where Airflow traces at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from airflow_adbsync import spans
from airflow_adbsync.engine.events import BatchApplied


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(spans, "_tracer", lambda: provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def test_a_phase_is_a_span_of_its_task(traced: InMemorySpanExporter) -> None:
    with spans.phase("shop", "load"):
        spans.batch("shop", BatchApplied("0/20", None, 2, 5, 4, 0.25, 4096, 1 << 20))

    batch, phase = traced.get_finished_spans()
    assert (phase.name, dict(phase.attributes or {})) == ("adbsync.load", {"adbsync.sync_id": "shop"})
    assert batch.parent is not None
    assert batch.parent.span_id == phase.context.span_id
    assert batch.attributes == {
        "adbsync.sync_id": "shop",
        "adbsync.lsn": "0/20",
        "adbsync.transactions": 2,
        "adbsync.changes": 5,
        "adbsync.bytes": 4096,
    }
    assert (batch.end_time or 0) - (batch.start_time or 0) == 250_000_000


def test_a_phase_that_fails_is_a_failed_span(traced: InMemorySpanExporter) -> None:
    with pytest.raises(RuntimeError), spans.phase("shop", "load"):
        raise RuntimeError("no room")
    (span,) = traced.get_finished_spans()
    assert not span.status.is_ok
    assert span.events[0].name == "exception"


def test_where_nothing_is_traced_nothing_happens() -> None:
    with spans.phase("shop", "load"):
        spans.batch("shop", BatchApplied("0/20", None, 2, 5, 4, 0.25, 4096, 1 << 20))
