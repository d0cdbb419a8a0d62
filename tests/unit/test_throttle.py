"""The meter of a throttle: when what was spent is reported."""

from __future__ import annotations

from airflow_adbsync.engine.throttle import Limits, Meter, Spending


def test_what_is_spent_is_reported_when_it_is_a_tenth_of_a_second_s_worth() -> None:
    meter = Meter()
    assert meter.spend(100.0, rows=1) == Spending(rows=1)
    meter.reported(100.0, Limits(rows=1000, bytes=50_000))
    assert meter.spend(100.1, rows=60, bytes_=1000) is None
    assert meter.spend(100.2, rows=40, bytes_=1000) == Spending(rows=100, bytes=2000)
    meter.reported(100.2, Limits(rows=1000, bytes=50_000))
    assert meter.spend(100.3, bytes_=5000) == Spending(bytes=5000)


def test_without_limits_the_account_is_looked_at_once_a_second() -> None:
    meter = Meter()
    meter.reported(100.0, Limits())
    assert meter.spend(100.9, queries=1, rows=10**9, bytes_=10**12) is None
    assert meter.spend(101.0, queries=1) == Spending(queries=2, rows=10**9, bytes=10**12)
