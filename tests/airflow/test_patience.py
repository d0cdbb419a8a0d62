"""Pauses that grow, within a window that begins with a failure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from airflow_adbsync.triggers.patience import Patience


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fail(patience: Patience, clock: Clock, times: int) -> list[float | None]:
    pauses = []
    for _ in range(times):
        pauses.append(patience.pause())
        clock.now += pauses[-1] or 0
    return pauses


def test_pauses_grow_up_to_half_a_minute(clock: Clock) -> None:
    assert fail(Patience(timedelta(hours=1), clock), clock, 7) == [1, 2, 4, 8, 16, 30, 30]


def test_the_last_pause_ends_with_the_window(clock: Clock) -> None:
    assert fail(Patience(timedelta(seconds=10), clock), clock, 5) == [1, 2, 4, 3, None]


def test_no_window_means_no_second_try(clock: Clock) -> None:
    assert Patience(timedelta(0), clock).pause() is None


def test_time_without_failures_does_not_count(clock: Clock) -> None:
    patience = Patience(timedelta(seconds=10), clock)
    clock.now += 3600
    assert patience.pause() == 1


def test_a_success_begins_anew(clock: Clock) -> None:
    patience = Patience(timedelta(seconds=10), clock)
    fail(patience, clock, 3)
    patience.restore()
    assert fail(patience, clock, 5) == [1, 2, 4, 3, None]


def test_what_ran_for_a_minute_was_well(clock: Clock) -> None:
    patience = Patience(timedelta(seconds=100), clock)
    fail(patience, clock, 3)
    patience.begin()
    clock.now += 60
    assert patience.pause() == 1


def test_what_ends_again_at_once_was_not(clock: Clock) -> None:
    patience = Patience(timedelta(seconds=100), clock)
    fail(patience, clock, 3)
    patience.begin()
    clock.now += 59
    assert patience.pause() == 8
