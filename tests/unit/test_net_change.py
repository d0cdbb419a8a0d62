"""Folding changes: whatever happened in a batch, its net rows lead to the same table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_adbsync.engine.errors import ProtocolViolation
from airflow_adbsync.engine.replication.messages import UNCHANGED, Delete, Insert, Tuple, Update, Value
from airflow_adbsync.engine.replication.net_change import KeyedChanges, KeylessChanges, NetRow

Change = Insert | Update | Delete
Key = tuple[Value, ...]
Row = tuple[Value, ...]
Table = dict[Key, Row]
BIG = 2


class Step(NamedTuple):
    """What a client does; steps that the table does not allow are left out by `Source`."""

    kind: str
    key: int
    other_key: int
    note: int | None
    big: int | None


def text(number: int | None) -> bytes | None:
    return None if number is None else b"%d" % number


kinds = st.sampled_from(["insert", "update", "big", "move", "delete"])
keys = st.integers(0, 3)
notes = st.none() | st.integers(0, 3)
steps = st.builds(Step, kinds, keys, keys, notes, notes)
histories = st.lists(steps, max_size=40)


class Source:
    """A table of (key, note, big, second half of the key), and what pgoutput says of its changes."""

    places = (3, 0)

    def __init__(self, rows: Iterable[int], *, full: bool) -> None:
        self.full = full
        self.table: Table = {}
        for number in rows:
            self._insert(Step("insert", number, 0, number, number))

    def take(self, step: Step) -> Change | None:
        if step.kind == "insert":
            return self._insert(step)
        here, there = self._key(step.key), self._key(step.other_key)
        row = self.table.get(here)
        if row is None or (step.kind == "move" and there in self.table):
            return None
        if step.kind == "delete":
            del self.table[here]
            return Delete(1, self._old(row))
        touched = step.kind == "big"
        key = there if step.kind == "move" else here
        new = (key[1], text(step.note), text(step.big) if touched else row[BIG], key[0])
        del self.table[here]
        self.table[key] = new
        old = self._old(row) if self.full or key != here else None
        return Update(1, old, self._sent(new, touched=touched))

    def _insert(self, step: Step) -> Change | None:
        key = self._key(step.key)
        if key in self.table:
            return None
        row = (key[1], text(step.note), text(step.big), key[0])
        self.table[key] = row
        return Insert(1, list(row))

    def _old(self, row: Row) -> Tuple:
        if self.full:
            return list(row)
        return [value if place in self.places else None for place, value in enumerate(row)]

    def _sent(self, row: Row, *, touched: bool) -> Tuple:
        """A big value that was not touched is not sent, unless it is NULL."""
        masked = row[BIG] is not None and not touched
        return [UNCHANGED if place == BIG and masked else value for place, value in enumerate(row)]

    @staticmethod
    def _key(number: int) -> Key:
        return (b"k%d" % (number % 2), b"%d" % number)


def key_of(row: Iterable[Value]) -> Key:
    values = list(row)
    return tuple(values[place] for place in Source.places)


def carry_over(table: Table, rows: Iterable[NetRow]) -> None:
    """Deletes, then all updates at once, then inserts: every row must be where the net change says."""
    net = list(rows)
    for row in net:
        if row.image is None:
            assert row.origin is not None
            del table[row.origin]
    updates = [(table.pop(row.origin), row.image) for row in net if row.origin and row.image]
    inserts = [row.image for row in net if row.origin is None and row.image]
    for old, image in [*updates, *(([], image) for image in inserts)]:
        new = tuple(old[place] if value is UNCHANGED else value for place, value in enumerate(image))
        assert key_of(new) not in table
        table[key_of(new)] = new


@settings(max_examples=250)
@given(start=st.sets(keys), history=histories, full=st.booleans(), cut=st.integers(1, 40))
def test_net_rows_lead_to_the_same_table(start: set[int], history: list[Step], full: bool, cut: int) -> None:
    source = Source(start, full=full)
    target = dict(source.table)
    for begin in range(0, len(history), cut):
        net = KeyedChanges(Source.places, full)
        for step in history[begin : begin + cut]:
            fold(net, source.take(step))
        assert len(net) == len(list(net.rows()))
        carry_over(target, net.rows())
        assert target == source.table


@given(history=histories, full=st.booleans())
def test_each_row_of_the_target_is_named_at_most_once(history: list[Step], full: bool) -> None:
    source = Source({0, 1, 2}, full=full)
    net = KeyedChanges(Source.places, full)
    for step in history:
        fold(net, source.take(step))
    origins = [row.origin for row in net.rows() if row.origin is not None]
    images = [key_of(row.image) for row in net.rows() if row.image is not None]
    assert len(set(origins)) == len(origins)
    assert len(set(images)) == len(images)
    assert not any(row.origin is None and (row.image is None or UNCHANGED in row.image) for row in net.rows())


@settings(max_examples=100)
@given(start=st.lists(keys, max_size=6), history=histories)
def test_keyless_rows_are_counted(start: list[int], history: list[Step]) -> None:
    rows: Counter[Row] = Counter((text(number), b"x", b"big") for number in start)
    target = rows.copy()
    net = KeylessChanges()
    for step in history:
        old = (text(step.key), b"x", b"big")
        new = (text(step.other_key), b"x", b"big")
        if step.kind == "insert":
            rows[old] += 1
            net.insert(Insert(1, list(old)))
        elif rows[old]:
            rows[old] -= 1
            if step.kind == "delete":
                net.delete(Delete(1, list(old)))
            else:
                rows[new] += 1
                net.update(Update(1, list(old), [new[0], new[1], UNCHANGED]))
    assert all(count for _, count in net.rows())
    target.update(dict(net.rows()))
    assert +target == +rows
    assert min(target.values(), default=0) >= 0


def test_a_hot_row_is_one_row() -> None:
    net = KeyedChanges((0,))
    net.insert(Insert(1, [b"1", b"a"]))
    for number in range(1000):
        net.update(Update(1, None, [b"1", b"%d" % number]))
    assert list(net.rows()) == [NetRow(None, [b"1", b"999"])]


def test_masks_are_merged() -> None:
    net = KeyedChanges((0,))
    net.update(Update(1, None, [b"1", b"new", UNCHANGED, UNCHANGED]))
    net.update(Update(1, None, [b"1", UNCHANGED, b"new", UNCHANGED]))
    assert list(net.rows()) == [NetRow((b"1",), [b"1", b"new", b"new", UNCHANGED])]


def test_a_null_in_an_old_key_tuple_is_no_value() -> None:
    net = KeyedChanges((0,))
    net.update(Update(1, [b"1", None], [b"2", UNCHANGED]))
    assert list(net.rows()) == [NetRow((b"1",), [b"2", UNCHANGED])]


def test_a_toasted_key_comes_from_the_old_tuple() -> None:
    net = KeyedChanges((0,))
    net.update(Update(1, [b"long key", None], [UNCHANGED, b"new"]))
    assert list(net.rows()) == [NetRow((b"long key",), [b"long key", b"new"])]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (Insert(1, [b"1"]), Insert(1, [b"1"]), "twice"),
        (Delete(1, [b"1"]), Update(1, None, [b"1"]), "after its deletion"),
        (Insert(1, [b"1"]), Update(1, [b"2"], [b"1"]), "another row holds"),
    ],
)
def test_a_history_that_no_table_allows_is_refused(first: Change, second: Change, said: str) -> None:
    net = KeyedChanges((0,))
    fold(net, first)
    with pytest.raises(ProtocolViolation, match=said):
        fold(net, second)


def test_a_keyless_update_needs_the_old_row() -> None:
    with pytest.raises(ProtocolViolation, match="without the old row"):
        KeylessChanges().update(Update(1, None, [b"1"]))


def fold(net: KeyedChanges | KeylessChanges, change: Change | None) -> None:
    match change:
        case Insert():
            net.insert(change)
        case Update():
            net.update(change)
        case Delete():
            net.delete(change)
