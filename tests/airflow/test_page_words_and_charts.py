"""Numbers as people read them, and the charts' lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.plugin import words
from airflow_adbsync.plugin.charts import Chart, nice_ticks, rates

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, words.NOTHING),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "0.98 kB"),
        (1536, "1.5 kB"),
        (3 << 30, "3 GB"),
    ],
)
def test_sizes(value: float | None, text: str) -> None:
    assert words.size(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.044, "0.04 s"),
        (0.0001, "0 s"),
        (9.96, "10.0 s"),
        (59.6, "1 min"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


def test_counts_and_times() -> None:
    assert words.count(1234567) == "1,234,567"
    assert words.brief(1_250_000) == "1.2 million"
    assert words.rate(12.34) == "12.3/s"
    assert words.clock(NOON) == "2026-03-01 12:00:00 UTC"
    assert words.ago(NOON, NOON + timedelta(seconds=1)) == "just now"
    assert words.ago(NOON, NOON + timedelta(minutes=5)) == "5 min ago"
    assert words.ago(None, NOON) == "never"


@given(st.floats(min_value=1e-3, max_value=1e18), st.sampled_from([10, 60, 1024]))
def test_ticks_are_few_and_reach_above_the_largest(largest: float, base: int) -> None:
    ticks = nice_ticks(largest, base)
    assert 2 <= len(ticks) <= 6
    assert ticks[0] == 0
    assert ticks[-1] >= largest * 0.999999
    assert ticks == sorted(set(ticks))


def test_times_are_cut_as_clocks_are() -> None:
    assert nice_ticks(400, 60) == [0, 120, 240, 360, 480]
    assert nice_ticks(55, 60) == [0, 15, 30, 45, 60]
    assert nice_ticks(3 << 30, 1024)[1] == 1 << 30


def chart(*values: float | None, every: float = 10, title: str = "Lag") -> Chart:
    times = [NOON - timedelta(seconds=every * (len(values) - number - 1)) for number in range(len(values))]
    return Chart(title, list(zip(times, values, strict=True)), timedelta(minutes=15), NOON, words.duration)


def test_a_line_breaks_where_nothing_was_measured() -> None:
    assert chart(1, 2, 3).svg().count('class="line"') == 1
    assert chart(1, 2, None, 3, 4).svg().count('class="line"') == 2
    assert chart(1, 2, every=300).svg().count('class="line"') == 2


def test_an_empty_chart_says_so() -> None:
    svg = chart().svg()
    assert "No samples" in svg
    assert 'class="line"' not in svg
    assert chart().latest is None


def test_the_latest_value_is_no_old_one() -> None:
    assert chart(1, 2, 3).latest == 3
    old = Chart("Lag", [(NOON - timedelta(minutes=10), 3)], timedelta(minutes=15), NOON, words.duration)
    assert old.latest is None


def test_titles_are_escaped() -> None:
    assert "<script>" not in chart(1, 2, title='"><script>').svg()


def test_a_counter_that_starts_anew_has_no_rate() -> None:
    times = [NOON + timedelta(seconds=10 * number) for number in range(4)]
    found = rates(list(zip(times, [100, 150, 20, None], strict=True)))
    assert [value for _, value in found] == [5.0, None, None]
