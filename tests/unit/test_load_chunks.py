"""Cutting a table into chunks; nothing here opens a connection."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.load.chunks import by_key, by_pages, changed_since, number_of_chunks, share_bytes
from airflow_adbsync.engine.model import Snapshot


def meets(condition: str, value: int) -> bool:
    """Evaluate a range condition over pages or integers."""
    plain = re.sub(r"'\((\d+),0\)'::pg_catalog\.tid|E'(-?\d+)'::bigint", r"\1\2", condition)
    return bool(eval(plain.replace("AND", "and"), {"ctid": value, "id": value}))


@given(st.integers(0, 5000), st.integers(1, 40), st.integers(0, 6000))
def test_each_page_lies_in_exactly_one_chunk(pages: int, wanted: int, page: int) -> None:
    conditions = by_pages(pages, wanted)
    assert len(conditions) <= wanted
    if conditions:
        assert [meets(condition, page) for condition in conditions].count(True) == 1


@given(st.lists(st.integers(-50, 50)).map(sorted), st.integers(2, 12), st.integers(-60, 60))
def test_each_key_lies_in_exactly_one_chunk(quantiles: list[int], wanted: int, value: int) -> None:
    conditions = by_key("id", "bigint", [str(each) for each in quantiles], wanted)
    plain = [condition.replace('"id"', "id") for condition in conditions]
    assert len(plain) <= wanted
    if plain:
        assert [meets(condition, value) for condition in plain].count(True) == 1


def test_chunks_are_about_as_large_as_asked_for() -> None:
    assert by_pages(100, 4) == (
        "ctid < '(25,0)'::pg_catalog.tid",
        "ctid >= '(25,0)'::pg_catalog.tid AND ctid < '(50,0)'::pg_catalog.tid",
        "ctid >= '(50,0)'::pg_catalog.tid AND ctid < '(75,0)'::pg_catalog.tid",
        "ctid >= '(75,0)'::pg_catalog.tid",
    )
    assert [number_of_chunks(size, 100) for size in (0, 100, 101, 149, 151, 1000)] == [1, 1, 1, 1, 2, 10]


def test_bounds_are_written_as_literals() -> None:
    assert by_key('a"b', "text", ["o'clock", "\\"], 3) == (
        '"a""b" < E\'o\\\'clock\'::text',
        '"a""b" >= E\'o\\\'clock\'::text AND "a""b" < E\'\\\\\'::text',
        '"a""b" >= E\'\\\\\'::text',
    )


@given(st.integers(3, (1 << 33)), st.integers(0, 1 << 20))
def test_what_came_later_counts_as_changed_across_the_wrap(xmin: int, later: int) -> None:
    condition = changed_since(Snapshot(xmin, xmin + 5, frozenset()))
    meant = condition.replace("xmin::text::bigint", "XMIN").replace("AND", "and")
    for full, expected in ((xmin + later, True), (xmin - 1 - later, False)):
        wire = full % (1 << 32)
        if full > 2 and wire > 2:
            assert eval(meant, {"XMIN": wire}) is expected


@pytest.mark.parametrize(
    ("table", "all_", "hands", "expected"),
    [
        (880, 2150, 2, 220),  # one hand would have it for most of the time
        (130, 130, 2, 64),  # not in smaller parts
        (120, 120, 2, 1024),  # too small to be shared
        (880, 9000, 2, 1024),  # others take longer
        (880, 880, 1, 1024),  # nobody to share it with
        (8000, 8000, 2, 1024),  # never in larger parts
    ],
)
def test_a_table_that_one_hand_would_have_for_long_is_shared(
    table: int, all_: int, hands: int, expected: int
) -> None:
    assert share_bytes(table << 20, all_ << 20, hands, 1 << 30) == expected << 20
