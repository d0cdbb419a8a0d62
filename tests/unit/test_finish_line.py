"""When replication has gone far enough, by a clock that the test winds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import pytest

from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication.finish_line import FinishLine
from airflow_adbsync.engine.replication.source_clock import SourceClock
from airflow_adbsync.engine.replication.until import AtLsn, AtTime, CaughtUp, Stopped, Until

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Source:
    """A source that writes 100 bytes a second."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.looks = 0
        self.past_noon = False
        monkeypatch.setattr("time.monotonic", lambda: self.now)

    @property
    def end(self) -> Lsn:
        return Lsn(int(self.now * 100))

    def position(self) -> Lsn:
        self.looks += 1
        return self.end

    def has_passed(self, moment: datetime) -> bool:
        self.looks += 1
        return self.past_noon


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    return Source(monkeypatch)


def line(until: Until, source: Source) -> FinishLine:
    return FinishLine(until, cast("SourceClock", source))


def test_stopped_is_never_reached(source: Source) -> None:
    assert not line(Stopped(), source).is_reached(Lsn(1 << 60))
    assert source.looks == 0


def test_an_lsn_is_reached_when_everything_before_it_is_applied(source: Source) -> None:
    finish = line(AtLsn(Lsn(500)), source)
    assert not finish.is_reached(Lsn(499))
    assert finish.is_reached(Lsn(500))
    assert source.looks == 0


def test_caught_up_is_measured_from_a_position_of_the_source(source: Source) -> None:
    finish = line(CaughtUp(), source)
    assert not finish.is_reached(source.end)
    there = source.end
    source.now += 1
    assert not finish.is_reached(Lsn(there - 1))
    assert finish.is_reached(there)


def test_who_takes_longer_than_moments_has_not_caught_up(source: Source) -> None:
    finish = line(CaughtUp(), source)
    for _ in range(20):
        behind = Lsn(source.end - 500)
        assert not finish.is_reached(behind)
        source.now += 0.5
    finish.is_reached(source.end)
    source.now += 1
    assert finish.is_reached(source.end)


def test_the_source_is_asked_once_a_second_at_most(source: Source) -> None:
    finish = line(AtTime(NOON), source)
    for _ in range(100):
        finish.is_reached(Lsn(0))
        source.now += 0.05
    assert 4 <= source.looks <= 6


def test_a_moment_is_reached_with_what_was_committed_when_it_had_passed(source: Source) -> None:
    finish = line(AtTime(NOON), source)
    assert not finish.is_reached(source.end)
    source.past_noon = True
    source.now += 2
    assert not finish.is_reached(source.end)
    there = source.end
    source.now += 10
    assert not finish.is_reached(Lsn(there - 1))
    assert finish.is_reached(there)
