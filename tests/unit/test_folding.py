"""The compiled hot path and the one in Python fold, count and encode alike, and refuse alike."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_adbsync.engine.errors import ProtocolViolation, TextNeeded
from airflow_adbsync.engine.model import Lsn, QualifiedName
from airflow_adbsync.engine.replication.folding import HEADER, NetChanges, PureChanges, pure_drain
from airflow_adbsync.engine.replication.messages import UNCHANGED, Begin, Delete, Insert, Tuple, Update, Value
from airflow_adbsync.engine.replication.transactions import Transactions
from tests.unit.copy_reader import read_array, read_binary_array, read_binary_copy, read_copy
from tests.unit.pgoutput_encoder import encode

hot = pytest.importorskip(
    "airflow_adbsync.engine.replication._hot",
    reason="The hot path is not compiled: that needs cc.",
)
TABLE = QualifiedName("public", "t")
WIDTH = 4
NewChanges = Callable[..., NetChanges]
Change = Insert | Update | Delete

few = st.sampled_from([b"1", b"2", b"\\", b"\t1", b"", b"a\nb\r\\N", None])
values: st.SearchStrategy[Value] = st.one_of(few, few, st.just(UNCHANGED), st.binary(max_size=30))
rows: st.SearchStrategy[Tuple] = st.lists(values, min_size=WIDTH, max_size=WIDTH)
changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(Insert, st.just(1), rows),
    st.builds(Update, st.just(1), st.none() | rows, rows),
    st.builds(Delete, st.just(1), rows),
)
places = st.sampled_from([(), (0,), (2, 0), (0, 1, 2, 3)])


def fold(
    new: NewChanges, key: tuple[int, ...], full: bool, messages: list[bytes], *, binary: bool = False
) -> tuple[NetChanges, str]:
    """The net changes up to the first change that is refused, and why it was."""
    net = new(TABLE, WIDTH, key, full, binary)
    for message in messages:
        try:
            net.fold(b"before" + message, 6)
        except (ProtocolViolation, TextNeeded) as error:
            return net, type(error).__name__ + str(error).removeprefix(f"Table {TABLE} ").removeprefix(
                "A table "
            )
    return net, ""


def lines(net: NetChanges, blocks: Iterator[bytes]) -> Counter[tuple[Value, ...]]:
    read = read_binary_copy if net.binary else read_copy
    return Counter(map(tuple, read(list(blocks))))


def number(net: NetChanges, value: Value) -> int:
    return int.from_bytes(value or b"", signed=True) if net.binary else int(value or b"")


def outcome(net: NetChanges, spread: bool) -> tuple[object, ...]:
    """All that can be asked of net changes; the masks' numbers stand for the masks."""
    if not net.key:
        added, removed = net.copies()
        staged = lines(net, net.staged(False))
        assert sum(abs(number(net, line[0])) * n for line, n in staged.items()) == added + removed
        return len(net), added, removed, staged, None if removed else lines(net, net.plain())
    census = net.census()
    masks = list(census.updates)
    staged = Counter[object]()
    for line, count in lines(net, net.staged(spread)).items():
        staged[line[0], masks[number(net, line[1])], line[2:]] += count
    plain = lines(net, net.plain()) if census.only_inserts else None
    arrays = []
    for op, width in (("D", len(net.key)), ("U", len(net.key) + WIDTH), ("I", WIDTH)):
        elements = range(20, 20 + width)
        columns = net.arrays(op, elements)
        if net.binary:
            values = [
                read_binary_array(data, oid) for data, oid in zip(columns, elements, strict=bool(columns))
            ]
        else:
            values = list(map(read_array, columns))
        arrays.append(Counter(zip(*values, strict=True)))
    assert [sum(rows.values()) for rows in arrays] == [
        census.deletes,
        sum(census.updates.values()),
        census.inserts,
    ]
    return len(net), census.inserts, census.deletes, census.updates, staged, plain, arrays


@settings(max_examples=300)
@given(
    key=places,
    full=st.booleans(),
    history=st.lists(changes, max_size=30),
    spread=st.booleans(),
    binary=st.booleans(),
    odd=st.none() | st.integers(0, 30),
)
def test_both_lead_to_the_same(
    key: tuple[int, ...], full: bool, history: list[Change], spread: bool, binary: bool, odd: int | None
) -> None:
    messages = [
        encode(change, old_is_whole=full, binary=binary is not (place == odd))
        for place, change in enumerate(history)
    ]
    ours, theirs = (fold(new, key, full, messages, binary=binary) for new in (hot.Changes, PureChanges))
    assert ours[1] == theirs[1]
    if not ours[1]:
        assert outcome(ours[0], spread) == outcome(theirs[0], spread)


small = st.integers(0, 5).map(lambda number: b"%d" % number)
notes = st.sampled_from([b"x", b"y\t", None, UNCHANGED])


@st.composite
def lives(draw: st.DrawFn) -> list[Change]:
    """What a table of (key, note, big, flag) can go through, so that nothing is refused."""
    alive = set(draw(st.sets(small)))
    history: list[Change] = []
    for _ in range(draw(st.integers(0, 40))):
        key, other = draw(small), draw(small)
        row: Tuple = [key, draw(notes), draw(notes), b"t"]
        if key not in alive:
            history.append(Insert(1, [b"new" if value is UNCHANGED else value for value in row]))
            history[-1].new[0] = key
            alive.add(key)
        elif draw(st.booleans()):
            alive.remove(key)
            history.append(Delete(1, [key, None, None, None]))
        elif other in alive:
            history.append(Update(1, None, row))
        else:
            alive.remove(key)
            alive.add(other)
            history.append(Update(1, [key, None, None, None], [other, *row[1:]]))
    return history


@settings(max_examples=300)
@given(history=lives(), spread=st.booleans(), binary=st.booleans())
def test_both_lead_to_the_same_over_whole_lives(history: list[Change], spread: bool, binary: bool) -> None:
    messages = [encode(change, binary=binary) for change in history]
    (ours, refused), (theirs, _) = (
        fold(new, (0,), False, messages, binary=binary) for new in (hot.Changes, PureChanges)
    )
    assert not refused
    assert outcome(ours, spread) == outcome(theirs, spread)


@given(
    change=changes,
    binary=st.booleans(),
    places=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 200),
)
def test_garbled_changes_are_refused_by_both_or_by_none(
    change: Change, binary: bool, places: list[tuple[int, int]], cut: int
) -> None:
    garbled = bytearray(encode(change, binary=binary))
    for place, byte in places:
        if 0 < place < len(garbled):
            garbled[place] = byte
    (ours, refused), (theirs, too) = (
        fold(new, (0,), False, [bytes(garbled[: max(1, len(garbled) - cut)])], binary=binary)
        for new in (hot.Changes, PureChanges)
    )
    assert bool(refused) == bool(too)
    if not refused:
        assert outcome(ours, False) == outcome(theirs, False)


@pytest.mark.parametrize("binary", [False, True])
def test_many_rows_and_long_values_in_blocks(binary: bool) -> None:
    history: list[Change] = [
        Insert(1, [b"%d" % n, b"\t" * (n % 3000), None, b"x" * 100]) for n in range(2000)
    ]
    history += [Delete(1, [b"%d" % n, None, None, None]) for n in range(0, 2000, 3)]
    messages = [encode(change, binary=binary) for change in history]
    (ours, _), (theirs, _) = (
        fold(new, (0,), False, messages, binary=binary) for new in (hot.Changes, PureChanges)
    )
    assert outcome(ours, False) == outcome(theirs, False)
    blocks = list(ours.plain())
    assert len(blocks) > 2
    assert all(len(block) < 300_000 for block in blocks)


def within() -> Transactions:
    """A transaction is under way, and no other begins or ends."""
    begin = Begin(Lsn(1), datetime(2026, 1, 1, tzinfo=UTC), 1)
    return Transactions(begin, None, Lsn(0), Lsn(0), 0, 0)


def stream(*messages: bytes, pause_before: int) -> Iterator[tuple[int, memoryview]]:
    for place, message in enumerate(messages):
        if place == pause_before:
            yield 0, memoryview(b"")
        data = b"w" + bytes(HEADER - 1) + message
        yield len(data), memoryview(data)
    yield 6, memoryview(b"k12345")
    while True:
        yield 0, memoryview(b"")


@given(
    history=st.lists(st.sampled_from([1, 1, 1, 2]), max_size=20),
    most=st.integers(1, 10),
    room=st.sampled_from([1, 1 << 40]),
    pause=st.integers(0, 20),
    goes_on=st.booleans(),
)
@example(history=[], most=1, room=1, pause=0, goes_on=True)
@example(history=[1, 1], most=5, room=1 << 40, pause=1, goes_on=True)
def test_both_drain_as_far(history: list[int], most: int, room: int, pause: int, goes_on: bool) -> None:
    messages = [encode(Insert(oid, [b"%d" % n, None, None, None])) for n, oid in enumerate(history)]
    found = []
    for new, drain in ((hot.Changes, hot.drain), (PureChanges, pure_drain)):
        net = new(TABLE, WIDTH, (0,), False, False)
        source = stream(*messages, pause_before=pause)
        asked: list[bool] = []

        def more(asked: list[bool] = asked) -> bool:
            asked.append(goes_on)
            return goes_on

        returned = drain(
            lambda _, source=source: next(source), more, {1: net}, within(), most=most, room=room
        )
        count, size, *last = returned
        # Asked only in the midst of changes, and then heeded.
        assert len(asked) <= int(0 < pause <= count)
        assert last[0] or not (asked and goes_on)
        assert count == len(net)
        assert (size > 0) == (count > 0)
        found.append((count, *last))
    assert found[0] == found[1]


def test_a_change_that_is_too_short_for_an_oid_is_handed_back() -> None:
    data = b"w" + bytes(HEADER - 1) + b"I" + struct.pack(">H", 1)
    for drain in (hot.drain, pure_drain):
        returned = drain(
            lambda _: (len(data), memoryview(data)), lambda: False, {1: None}, within(), most=5, room=100
        )
        assert returned == (
            0,
            0,
            len(data),
            data,
        )
