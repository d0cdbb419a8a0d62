"""Where a target's sequence is set, and which sequences belong to a sync."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sequences.decision import Misfit, Setting, decide, placed
from airflow_adbsync.engine.sequences.selection import pair, select
from airflow_adbsync.engine.sequences.sequence import (
    OwnerColumn,
    Sequence,
    SequenceState,
    is_behind,
    next_value,
)
from airflow_adbsync.engine.shape import Shapes


def counter(last_value: int, is_called: bool = True, **changes: object) -> SequenceState:
    plain = SequenceState(last_value, is_called, increment=1, minimum=1, maximum=2**63 - 1, cycle=False)
    return replace(plain, **changes)


@st.composite
def counters(draw: st.DrawFn) -> SequenceState:
    minimum = draw(st.integers(-20, 20))
    maximum = draw(st.integers(minimum + 1, minimum + 30))
    return SequenceState(
        last_value=draw(st.integers(minimum, maximum)),
        is_called=draw(st.booleans()),
        increment=draw(st.integers(-7, 7).filter(bool)),
        minimum=minimum,
        maximum=maximum,
        cycle=draw(st.booleans()),
    )


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (counter(5), 6),
        (counter(5, is_called=False), 5),
        (counter(5, increment=10), 15),
        (counter(5, increment=-1), 4),
        (counter(9, maximum=9), None),
        (counter(9, maximum=9, cycle=True), 1),
        (counter(1, increment=-1, maximum=9, cycle=True), 9),
        (counter(1, increment=-1), None),
        (counter(95, increment=10, maximum=100), None),
    ],
)
def test_next_value(state: SequenceState, expected: int | None) -> None:
    assert next_value(state) == expected


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (counter(7), counter(1, is_called=False), Setting(7, True)),
        (counter(7, is_called=False), counter(3), Setting(7, False)),
        (counter(7), counter(8, is_called=False), None),
        (counter(7), counter(7), None),
        (counter(7), counter(100), None),
        (counter(7, increment=10), counter(3), Setting(17, False)),
        (counter(-7, increment=-1, minimum=-9), counter(-2, increment=-1, minimum=-9), Setting(-7, True)),
        (counter(-7, increment=-1, minimum=-9), counter(-8, increment=-1, minimum=-9), None),
        (counter(9, maximum=9), counter(3, maximum=9), Setting(9, True)),
        (counter(9, maximum=9), counter(9, maximum=9), None),
        # The source's own row is out of the target's bounds, its next value is not.
        (counter(5), counter(6, is_called=False, minimum=6), None),
        (counter(7), counter(8, is_called=False, minimum=8, maximum=8), None),
        (counter(7), counter(8, minimum=1, maximum=8), None),
        (counter(99), counter(20, is_called=False, minimum=20, maximum=200), Setting(99, True)),
        (counter(9, maximum=9, cycle=True), counter(5, maximum=9, cycle=True), None),
    ],
)
def test_decide(source: SequenceState, target: SequenceState, expected: Setting | None) -> None:
    assert decide(source, target) == expected


def test_decide_refuses_what_the_target_can_not_reach() -> None:
    with pytest.raises(Misfit, match="101 is not between its bounds 1 and 100"):
        decide(counter(100), counter(5, maximum=100))
    with pytest.raises(Misfit, match="ascends"):
        decide(counter(5), counter(5, increment=-1))


@given(counters(), counters())
def test_the_target_is_never_behind_the_source_and_never_moves_back(
    source: SequenceState, target: SequenceState
) -> None:
    before = next_value(target)
    try:
        setting = decide(source, target)
    except Misfit:
        wanted = next_value(source)
        unreachable = (
            not target.minimum <= (source.last_value if wanted is None else wanted) <= target.maximum
        )
        assert source.ascending != target.ascending or unreachable
        return
    after = placed(target, setting) if setting else target
    assert target.minimum <= after.last_value <= target.maximum
    assert not is_behind(next_value(after), before, ascending=target.ascending)
    wanted = next_value(source)
    if wanted is not None:
        assert not is_behind(next_value(after), wanted, ascending=target.ascending)
    assert decide(source, after) is None or wanted is None
    if setting:
        assert next_value(after) != before


@given(counters(), counters())
def test_deciding_again_moves_nothing(source: SequenceState, target: SequenceState) -> None:
    try:
        setting = decide(source, target)
    except Misfit:
        return
    after = placed(target, setting) if setting else target
    assert decide(source, after) is None


ORDERS = QualifiedName("shop", "orders")
OTHER = QualifiedName("shop", "other")


def sequence(name: str, **changes: object) -> Sequence:
    plain = Sequence(QualifiedName.parse(name), increment=1, minimum=1, maximum=9, cycle=False)
    return replace(plain, **changes)


def test_select_takes_what_tables_own_and_use_and_what_lies_free_in_schemas() -> None:
    owned = sequence("elsewhere.orders_id_seq", owner=OwnerColumn(ORDERS, "id"))
    used = sequence("tools.numbers", used_by=frozenset({ORDERS}))
    free = sequence("shop.invoice_number")
    of_excluded = sequence("shop.other_id_seq", owner=OwnerColumn(OTHER, "id"))
    foreign = sequence("tools.unrelated", used_by=frozenset({OTHER}))
    every = (owned, used, free, of_excluded, foreign)
    assert select(every, {ORDERS}, ["shop"]) == (owned, used, free)
    assert select(every, {ORDERS}, []) == (owned, used)


def test_pair_goes_by_the_owning_column_first() -> None:
    owner = OwnerColumn(ORDERS, "id")
    old_name = sequence("shop.old_orders_id_seq", owner=owner)
    free = sequence("shop.numbers")
    gone = sequence("shop.gone")
    identity = sequence("shop.orders_id_seq", owner=owner)
    same = sequence("shop.numbers", maximum=100)
    pairs = pair([old_name, free, gone], [same, identity], shapes())
    assert pairs == ([(old_name, identity), (free, same)], [gone])


def test_pair_follows_the_targets_names() -> None:
    said = shapes(
        names={"case": "upper", "schemas": {"shop": "store"}},
        tables={"shop.orders": {"name": "bought", "columns": {"id": "no", "left": False}}},
    )
    owned = sequence("shop.orders_id_seq", owner=OwnerColumn(ORDERS, "id"))
    free = sequence("shop.numbers")
    left = sequence("shop.orders_left_seq", owner=OwnerColumn(ORDERS, "left"))
    there = sequence("store.any", owner=OwnerColumn(QualifiedName("store", "bought"), "no"))
    numbers = sequence("store.NUMBERS")
    assert pair([owned, free, left], [there, numbers], said) == ([(owned, there), (free, numbers)], [])


def shapes(**said: object) -> Shapes:
    needed = {"sync_id": "s", "source": "a", "target": "b", "objects": {"schemas": ["shop"]}}
    return Shapes(SyncConfig.model_validate(needed | said))
