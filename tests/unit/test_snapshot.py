"""What a snapshot sees, also where 32-bit transaction ids have wrapped around."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.model import Snapshot

WRAP = 2**32
xids = st.integers(3, 2**40)


@pytest.mark.parametrize(
    ("text", "seen", "unseen"),
    [
        ("100:100:", [3, 99], [100, 101, 5000]),
        ("100:105:101,103", [99, 100, 102, 104], [101, 103, 105, 106]),
        (f"{WRAP + 5}:{WRAP + 8}:{WRAP + 6}", [WRAP - 1, WRAP - 1000, 3, 5, 7], [6, 8, 9, 1000]),
        (f"{WRAP - 2}:{WRAP - 1}:{WRAP - 2}", [WRAP - 3, 2**31 + 5], [WRAP - 2, WRAP - 1, 3, 100]),
        (f"{WRAP - 2}:{WRAP + 3}:{WRAP - 1},{WRAP}", [WRAP - 3, WRAP - 2, 1, 2], [WRAP - 1, 0, 3, 4]),
    ],
)
def test_a_transaction_is_seen_or_not(text: str, seen: list[int], unseen: list[int]) -> None:
    snapshot = Snapshot.parse(text)
    assert [xid for xid in seen if not snapshot.sees(xid % WRAP)] == []
    assert [xid for xid in unseen if snapshot.sees(xid % WRAP)] == []


@given(xmin=xids, width=st.integers(0, 50), data=st.data())
def test_32_bits_are_enough_within_half_of_all_ids(xmin: int, width: int, data: st.DataObject) -> None:
    xmax = xmin + width
    open_ones = st.sets(st.integers(xmin, xmax - 1)) if width else st.just(set[int]())
    in_progress = frozenset(data.draw(open_ones))
    snapshot = Snapshot(xmin, xmax, in_progress)
    full = data.draw(st.integers(max(0, xmax - 2**31), xmax + 2**31 - 1) | st.integers(xmin, xmax))
    expected = full < xmin or (full < xmax and full not in in_progress)
    assert snapshot.sees(full % WRAP) is expected


@given(
    snapshot=st.builds(
        lambda xmin, width, open_: Snapshot(xmin, xmin + width, frozenset(xmin + each for each in open_)),
        xids,
        st.integers(0, 50),
        st.sets(st.integers(0, 49), max_size=3),
    ),
    steps=st.lists(st.integers(-(2**31), 2**31) | st.integers(-60, 10), max_size=6),
)
def test_all_are_seen_when_each_is(snapshot: Snapshot, steps: list[int]) -> None:
    ids = [(snapshot.xmax + step) % WRAP for step in steps]
    assert snapshot.sees_all(ids) is all(map(snapshot.sees, ids))


@given(st.builds(Snapshot, xids, xids, st.frozensets(xids)))
def test_its_text_is_read_back(snapshot: Snapshot) -> None:
    assert Snapshot.parse(str(snapshot)) == snapshot


def test_its_text_is_the_server_s() -> None:
    assert Snapshot.parse("10:20:10,14,15") == Snapshot(10, 20, frozenset({10, 14, 15}))
    assert str(Snapshot(10, 20, frozenset({15, 10, 14}))) == "10:20:10,14,15"


@pytest.mark.parametrize("text", ["", "10:20", "10:20:x", "a:b:", "10:20:1:2"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a snapshot"):
        Snapshot.parse(text)
