"""Trying again: what, for how long, and with which last word."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from airflow_adbsync.engine.errors import AdbsyncError, ConnectionFailed, RowMissing, TransientServerError
from airflow_adbsync.engine.retry import Windows, is_retryable, with_retries


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        monkeypatch.setattr("time.monotonic", lambda: self.now)
        monkeypatch.setattr("time.sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def failing(times: int, error: Exception) -> Callable[[], int]:
    left = iter(range(times))

    def call() -> int:
        if next(left, None) is not None:
            raise error
        return 7

    return call


def test_what_can_pass_is_tried_until_it_works(clock: Clock) -> None:
    assert with_retries(failing(5, ConnectionFailed("away")), timedelta(hours=1)) == 7
    assert len(clock.pauses) == 5
    assert all(later > earlier for earlier, later in zip(clock.pauses[1:], clock.pauses[2:], strict=False))


def test_pauses_grow_to_half_a_minute_and_no_longer(clock: Clock) -> None:
    with_retries(failing(40, ConnectionFailed("away")), timedelta(hours=12))
    assert clock.pauses[0] <= 1
    assert 30 <= max(clock.pauses) <= 30.5


@pytest.mark.parametrize("error", [RowMissing("gone"), AdbsyncError("no"), ValueError("a bug")])
def test_what_can_not_pass_is_raised_at_once(clock: Clock, error: Exception) -> None:
    with pytest.raises(type(error)):
        with_retries(failing(1, error), timedelta(hours=1))
    assert clock.pauses == []
    assert not is_retryable(error)


def test_the_last_error_is_raised_when_the_time_has_passed(clock: Clock) -> None:
    with pytest.raises(ConnectionFailed, match="away"):
        with_retries(failing(10_000, ConnectionFailed("away")), timedelta(minutes=10))
    assert 600 <= clock.now - 1000 <= 640


def test_no_time_means_one_try(clock: Clock) -> None:
    with pytest.raises(ConnectionFailed):
        with_retries(failing(2, ConnectionFailed("away")), timedelta(0))
    assert clock.pauses == []


def test_the_log_says_why_and_when_it_gives_up(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with_retries(failing(1, ConnectionFailed("The server is away.")), timedelta(seconds=90))
    (record,) = caplog.records
    assert "The server is away." in record.getMessage()
    assert "giving up in 90 s" in record.getMessage()


def test_each_kind_of_failure_has_a_window_of_its_own(clock: Clock) -> None:
    windows = Windows(connections=timedelta(hours=2), others=timedelta(minutes=10))
    for error, seconds in ((ConnectionFailed("away"), 7200), (TransientServerError("deadlock"), 600)):
        began = clock.now
        with pytest.raises(type(error)):
            with_retries(failing(10_000, error), windows)
        assert seconds <= clock.now - began <= seconds + 40


def test_the_window_begins_with_the_first_failure(clock: Clock) -> None:
    """What worked for hours before a connection broke is tried again all the same."""
    tries = []

    def long_work() -> int:
        tries.append(None)
        clock.now += 3 * 3600
        if len(tries) == 1:
            raise ConnectionFailed("away")
        return 7

    assert with_retries(long_work, timedelta(minutes=10)) == 7
