"""When a slot counts as being in danger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from airflow_adbsync.engine.errors import AdbsyncError, SlotInDanger, SlotLost, SlotMissing
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.watch import SlotBounds, SourcePosition, danger

WELL = SourcePosition(Lsn(100), datetime(2026, 1, 31, tzinfo=UTC), 1000, "reserved", safe_wal_size=5000)


@pytest.mark.parametrize(
    "seen",
    [
        WELL,
        replace(WELL, wal_status="extended"),
        # PostgreSQL 12 tells no status; without max_slot_wal_keep_size there is no safe size.
        replace(WELL, wal_status=None, safe_wal_size=None),
    ],
)
def test_what_is_kept_is_well(seen: SourcePosition) -> None:
    assert danger("adbsync_shop", seen) is None
    assert danger("adbsync_shop", seen, SlotBounds(max_retained_bytes=1000, min_safe_bytes=5000)) is None


@pytest.mark.parametrize(
    ("seen", "expected", "words"),
    [
        (replace(WELL, wal_status="unreserved"), SlotInDanger, "unreserved"),
        (replace(WELL, wal_status="lost", retained_bytes=None), SlotLost, "lost"),
        (replace(WELL, invalidation_reason="idle_timeout"), SlotLost, "idle_timeout"),
        (replace(WELL, has_slot=False, wal_status=None), SlotMissing, "not on the source"),
    ],
)
def test_what_is_not_says_so_and_what_to_do(
    seen: SourcePosition, expected: type[AdbsyncError], words: str
) -> None:
    found = danger("adbsync_shop", seen)
    assert type(found) is expected
    assert words in found.what
    assert found.remedy
    assert not found.retryable


@pytest.mark.parametrize("bounds", [SlotBounds(max_retained_bytes=999), SlotBounds(min_safe_bytes=5001)])
def test_a_bound_of_ones_own_may_be_tighter(bounds: SlotBounds) -> None:
    assert type(danger("adbsync_shop", WELL, bounds)) is SlotInDanger
