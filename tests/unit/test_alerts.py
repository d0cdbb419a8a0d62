"""When something counts as an alert, and when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from airflow_adbsync.engine.alerts import Judge, Kind
from airflow_adbsync.engine.config import AlertOptions
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.state.lag import LagSample
from airflow_adbsync.engine.watch import SourcePosition

NOW = datetime(2026, 1, 31, tzinfo=UTC)
WELL = SourcePosition(Lsn(10_000), NOW, 1000, "reserved")
OPTIONS = AlertOptions(
    lag_bytes=100, lag_seconds=5, lasting=timedelta(seconds=30), stalled_after=timedelta(seconds=60)
)


def sample(lag: int, at: int = 10_000) -> LagSample:
    return LagSample(NOW, lag, lag / 10, 1000, Lsn(at))


def wrong(judge: Judge, lag: int, now: float, at: int = 10_000) -> set[Kind]:
    return {kind for kind, message in judge.look(sample(lag, at), WELL, now).items() if message}


def test_a_lag_counts_once_it_lasts() -> None:
    judge = Judge(OPTIONS, "adbsync_shop")
    assert wrong(judge, 200, 0) == set()
    assert Kind.LAG_BYTES not in judge.look(sample(200, 10_010), WELL, 20), (
        "not known yet: neither told nor over"
    )
    assert wrong(judge, 200, 30, 10_020) == {Kind.LAG_BYTES, Kind.LAG_SECONDS}
    assert wrong(judge, 50, 31, 10_030) == set()
    assert wrong(judge, 200, 32, 10_040) == set(), "the time begins anew"


def test_a_target_that_comes_no_further_is_stalled_unless_it_has_all() -> None:
    judge = Judge(OPTIONS, "adbsync_shop")
    assert wrong(judge, 10, 0, 10_000) == set()
    assert wrong(judge, 50, 59, 10_040) == set()
    assert wrong(judge, 60, 60, 10_050) == {Kind.STALLED}
    assert wrong(judge, 60, 70, 10_060) == set(), "it moved"
    assert wrong(judge, 0, 80, 10_000) == set()
    assert wrong(judge, 0, 500, 10_000) == set()


def test_a_slot_in_danger_counts_at_once() -> None:
    judge = Judge(AlertOptions(retained_bytes=999), "adbsync_shop")
    said = judge.look(sample(0), WELL, 0)[Kind.SLOT]
    assert said is not None
    assert "1000 bytes" in said
    said = Judge(AlertOptions(), "s").look(sample(0), replace(WELL, wal_status="unreserved"), 0)[Kind.SLOT]
    assert said is not None
    assert "What to do" in said


def test_without_bounds_no_lag_counts() -> None:
    assert wrong(Judge(AlertOptions(), "adbsync_shop"), 1 << 40, 0) == set()
