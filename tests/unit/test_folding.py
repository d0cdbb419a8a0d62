"""The compiled hot path and the one in Python fold, count and encode alike, and refuse alike."""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_adbsync.engine.errors import ProtocolViolation
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.replication.folding import HEADER, NetChanges, PureChanges, pure_drain
from airflow_adbsync.engine.replication.messages import UNCHANGED, Delete, Insert, Tuple, Update, Value
from tests.unit.pgoutput_encoder import encode
from tests.unit.test_staging import read_copy

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


def fold(new: NewChanges, key: tuple[int, ...], full: bool, messages: list[bytes]) -> tuple[NetChanges, str]:
    """The net changes up to the first change that is refused, and why it was."""
    net = new(TABLE, WIDTH, key, full)
    for message in messages:
        try:
            net.fold(b"before" + message, 6)
        except ProtocolViolation as error:
            return net, str(error)
    return net, ""


def lines(blocks: Iterator[bytes]) -> Counter[tuple[Value, ...]]:
    return Counter(map(tuple, read_copy(list(blocks))))


_ELEMENT = re.compile(rb'NULL|"((?:[^"\\]|\\.)*)"', re.DOTALL)


def read_array(text: bytes) -> list[Value]:
    """An array's elements as PostgreSQL reads them: a backslash takes the next byte as it is."""
    assert text[:1] + text[-1:] == b"{}"
    found: list[Value] = []
    at = 1
    while at < len(text) - 1:
        element = _ELEMENT.match(text, at)
        assert element, text[at:]
        quoted = element[1]
        found.append(None if quoted is None else re.sub(rb"(?s)\\(.)", rb"\1", quoted))
        at = element.end()
        assert text[at : at + 1] in (b",", b"}")
        at += 1
    return found


def outcome(net: NetChanges, spread: bool) -> tuple[object, ...]:
    """All that can be asked of net changes; the masks' numbers stand for the masks."""
    if not net.key:
        added, removed = net.copies()
        return len(net), added, removed, lines(net.staged(False)), None if removed else lines(net.plain())
    census = net.census()
    numbers = {b"%d" % number: mask for number, mask in enumerate(census.updates)}
    staged = Counter[object]()
    for line, count in lines(net.staged(spread)).items():
        staged[line[0], numbers[line[1] or b""], line[2:]] += count
    plain = lines(net.plain()) if census.only_inserts else None
    arrays = [Counter(zip(*map(read_array, net.arrays(op)), strict=True)) for op in "DUI"]
    assert [sum(rows.values()) for rows in arrays] == [
        census.deletes,
        sum(census.updates.values()),
        census.inserts,
    ]
    return len(net), census.inserts, census.deletes, census.updates, staged, plain, arrays


@settings(max_examples=300)
@given(key=places, full=st.booleans(), history=st.lists(changes, max_size=30), spread=st.booleans())
def test_both_lead_to_the_same(key: tuple[int, ...], full: bool, history: list[Change], spread: bool) -> None:
    messages = [encode(change, old_is_whole=full) for change in history]
    ours, theirs = fold(hot.Changes, key, full, messages), fold(PureChanges, key, full, messages)
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
@given(history=lives(), spread=st.booleans())
def test_both_lead_to_the_same_over_whole_lives(history: list[Change], spread: bool) -> None:
    messages = [encode(change) for change in history]
    (ours, refused), (theirs, _) = (fold(new, (0,), False, messages) for new in (hot.Changes, PureChanges))
    assert not refused
    assert outcome(ours, spread) == outcome(theirs, spread)


@given(
    message=changes.map(encode),
    places=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 200),
)
def test_garbled_changes_are_refused_by_both_or_by_none(
    message: bytes, places: list[tuple[int, int]], cut: int
) -> None:
    garbled = bytearray(message)
    for place, byte in places:
        if 0 < place < len(garbled):
            garbled[place] = byte
    (ours, refused), (theirs, too) = (
        fold(new, (0,), False, [bytes(garbled[: max(1, len(garbled) - cut)])])
        for new in (hot.Changes, PureChanges)
    )
    assert bool(refused) == bool(too)
    if not refused:
        assert outcome(ours, False) == outcome(theirs, False)


def test_many_rows_and_long_values_in_blocks() -> None:
    messages = [encode(Insert(1, [b"%d" % n, b"\t" * (n % 3000), None, b"x" * 100])) for n in range(5000)]
    messages += [encode(Delete(1, [b"%d" % n, None, None, None])) for n in range(0, 5000, 3)]
    (ours, _), (theirs, _) = (fold(new, (0,), False, messages) for new in (hot.Changes, PureChanges))
    assert outcome(ours, False) == outcome(theirs, False)
    blocks = list(ours.plain())
    assert len(blocks) > 2
    assert all(len(block) < 300_000 for block in blocks)


def stream(*messages: bytes) -> Iterator[tuple[int, memoryview]]:
    for message in messages:
        data = b"w" + bytes(HEADER - 1) + message
        yield len(data), memoryview(data)
    yield 6, memoryview(b"k12345")
    while True:
        yield 0, memoryview(b"")


@given(
    history=st.lists(st.sampled_from([1, 1, 1, 2]), max_size=20),
    most=st.integers(1, 10),
    room=st.sampled_from([1, 1 << 40]),
)
@example(history=[], most=1, room=1)
def test_both_drain_as_far(history: list[int], most: int, room: int) -> None:
    messages = [encode(Insert(oid, [b"%d" % n, None, None, None])) for n, oid in enumerate(history)]
    found = []
    for new, drain in ((hot.Changes, hot.drain), (PureChanges, pure_drain)):
        net = new(TABLE, WIDTH, (0,), False)
        source = stream(*messages)
        returned = drain(lambda _, source=source: next(source), {1: net}, most, room)
        count, size, *last = returned
        assert count == len(net)
        assert (size > 0) == (count > 0)
        found.append((count, *last))
    assert found[0] == found[1]


def test_a_change_that_is_too_short_for_an_oid_is_handed_back() -> None:
    data = b"w" + bytes(HEADER - 1) + b"I" + struct.pack(">H", 1)
    for drain in (hot.drain, pure_drain):
        assert drain(lambda _: (len(data), memoryview(data)), {1: None}, 5, 100) == (0, 0, len(data), data)
