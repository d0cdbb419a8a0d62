"""What is published of a sync, and that the documentation names all of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from airflow.sdk.observability import stats

from airflow_adbsync.engine.events import BatchApplied
from airflow_adbsync.engine.state.lag import LagSample
from airflow_adbsync.triggers import metrics
from tests.airflow.conftest import REPOSITORY

BATCH = BatchApplied("0/20", None, 2, 5, 4, 0.25, 4096, 1 << 20, 7, 512)


def test_what_is_published_is_what_the_documentation_names(monkeypatch: pytest.MonkeyPatch) -> None:
    published: dict[str, dict[str, Any]] = {"gauge": {}, "incr": {}, "timing": {}}
    for kind, found in published.items():
        monkeypatch.setattr(
            stats, kind, lambda name, value, tags, found=found: found.update({name: (value, tags["sync_id"])})
        )
    metrics.lag("shop", LagSample(datetime.now(UTC), 100, 1.5, 4096))
    metrics.batch("shop", BATCH)

    assert published["incr"]["adbsync.rows_applied"] == (4, "shop")
    assert published["incr"]["adbsync.bytes_applied"] == (4096, "shop")
    assert published["gauge"]["adbsync.queue_bytes"] == (512, "shop")
    assert published["gauge"]["adbsync.lag_seconds"] == (1.5, "shop")
    assert published["timing"]["adbsync.batch_time"][0].total_seconds() == 0.25
    for kind, names in (("gauge", metrics.GAUGES), ("incr", metrics.COUNTERS), ("timing", metrics.TIMERS)):
        assert set(published[kind]) == set(names)
    page = (REPOSITORY / "docs" / "metrics.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(adbsync\.[a-z_]+)`", page, re.MULTILINE))
    assert documented == {name for found in published.values() for name in found}
