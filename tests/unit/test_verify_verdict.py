"""Merging the sides' rows, and when a difference is proven."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.verify.merging import names_that_differ
from airflow_adbsync.engine.verify.verdict import NOTHING, Kind, Look, Seen, agrees, is_known_here, is_proven

V1, V1_AGAIN, V2 = Seen(1, "7", "100"), Seen(1, "7", "200"), Seen(1, "8", "300")
T1, T1_AGAIN, T2 = Seen(1, "7", "10"), Seen(1, "7", "20"), Seen(1, "9", "30")
rows = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)))


@given(rows, rows)
def test_the_names_are_those_of_rows_that_only_one_side_has(
    source: list[tuple[int, int]], target: list[tuple[int, int]]
) -> None:
    def sent(side: list[tuple[int, int]]) -> list[tuple[int, int, str]]:
        return [
            (key * 31 % 7, hash_, str(key))
            for key, hash_ in sorted(side, key=lambda row: (row[0] * 31 % 7, row[1]))
        ]

    found = list(names_that_differ(sent(source), sent(target), has_key=True))
    there, here = Counter(source), Counter(target)
    assert len(found) == len(set(found))
    assert set(found) == {(str(key),) for key, _ in (there - here) + (here - there)}


@given(st.lists(st.integers(-3, 3)), st.lists(st.integers(-3, 3)))
def test_without_a_key_a_row_is_named_by_its_hash(source: list[int], target: list[int]) -> None:
    found = names_that_differ(
        [(n, n) for n in sorted(source)], [(n, n) for n in sorted(target)], has_key=False
    )
    there, here = Counter(source), Counter(target)
    assert set(found) == {(str(n),) for n in (there - here) + (here - there)}


@pytest.mark.parametrize(
    ("before", "now", "proven"),
    [
        # The source's row is the same version: the target should have had it.
        (Look(V1, T2), Look(V1, T2), True),
        (Look(V1, NOTHING), Look(V1, NOTHING), True),
        # The source's row was written meanwhile, the target's was not.
        (Look(V1, T2), Look(V2, T2), True),
        (Look(V1, T2), Look(NOTHING, T2), True),
        # Both were written: they may follow each other.
        (Look(V1, T2), Look(V2, T1), False),
        (Look(V1, NOTHING), Look(V2, NOTHING), False),
        # Written back and forth: the values are the same, the versions are not.
        (Look(V1, Seen(1, "8", "1")), Look(V1_AGAIN, Seen(1, "8", "2")), False),
        # A row that is nowhere on the source may have come and gone.
        (Look(NOTHING, T1), Look(NOTHING, T1_AGAIN), False),
        (Look(NOTHING, T1), Look(NOTHING, T1), True),
    ],
)
def test_a_difference_is_proven_by_a_side_that_stood_still(before: Look, now: Look, proven: bool) -> None:
    assert is_proven(before, now, has_key=True) is proven


def test_without_a_key_both_sides_must_stand_still() -> None:
    assert not is_proven(Look(V1, T2), Look(V2, T2), has_key=False)
    assert not is_proven(Look(V1, T2), Look(V1, T1), has_key=False)
    assert is_proven(Look(V1, NOTHING), Look(V1, NOTHING), has_key=False)


def test_the_sides_agree_in_one_look_or_when_the_source_shows_what_the_target_did() -> None:
    assert agrees(None, Look(V1, T1))
    assert not agrees(None, Look(V2, T1))
    assert agrees(Look(V2, T1), Look(V1, T2))


def test_a_row_is_known_where_the_target_stands_only_if_the_source_stood_still() -> None:
    assert is_known_here(Look(V1, T2), Look(V1, T1), has_key=True)
    assert not is_known_here(Look(V1, T2), Look(V2, T2), has_key=True)
    assert not is_known_here(Look(NOTHING, T1), Look(NOTHING, T1_AGAIN), has_key=True)
    assert is_known_here(Look(NOTHING, T1), Look(NOTHING, T1), has_key=True)
    assert not is_known_here(Look(V1, T2), Look(V1, T1), has_key=False)


def test_the_kind_and_weight_of_a_difference() -> None:
    assert (Look(V1, T2).kind, Look(V1, T2).weight) == (Kind.DIFFERENT, 1)
    assert (Look(Seen(5, "1", "1"), T1).kind, Look(Seen(5, "1", "1"), T1).weight) == (
        Kind.MISSING_ON_TARGET,
        4,
    )
    assert (Look(NOTHING, T1).kind, Look(NOTHING, T1).weight) == (Kind.MISSING_ON_SOURCE, 1)
