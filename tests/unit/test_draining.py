"""Messages that are drained make the parts that they make one by one, compiled and in Python."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_adbsync.engine.errors import ProtocolViolation
from airflow_adbsync.engine.model import Lsn, QualifiedName, ReplicaIdentity, Snapshot
from airflow_adbsync.engine.replication import folding
from airflow_adbsync.engine.replication.batch import Assembler, Limits, Part, Sought
from airflow_adbsync.engine.replication.messages import (
    Begin,
    Commit,
    Insert,
    RelationColumn,
    RelationMessage,
    TypeMessage,
)
from tests.unit.copy_reader import read_copy
from tests.unit.pgoutput_encoder import encode

WRAP = 1 << 32
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
# Two tables of the sync, and one that is not.
OIDS = (1, 2, 3)
HEAD = b"w" + bytes(folding.HEADER - 1)

actions = st.one_of(
    st.sampled_from(["begin", "older", "commit", "type"]),
    *[st.tuples(st.just(kind), st.sampled_from(OIDS)) for kind in ("insert", "insert", "relation")],
)
transactions = st.lists(
    st.tuples(st.sampled_from(["insert", "insert", "insert", "relation"]), st.sampled_from(OIDS))
)


def relation(oid: int) -> RelationMessage:
    name = QualifiedName("public", f"t{oid}")
    return RelationMessage(oid, name, ReplicaIdentity.DEFAULT, (RelationColumn("id", 25, -1, True),))


def encoded(history: list[Any], first_xid: int) -> list[bytes]:
    """The history's messages; each transaction has the next LSNs, and the next xid or an older one."""
    found, xid = [encode(relation(oid)) for oid in OIDS], first_xid
    for number, action in enumerate(history):
        place = 100 + number * 10
        match action:
            case "begin":
                xid = (xid + 1) % WRAP
                found.append(encode(Begin(Lsn(place), MOMENT, xid)))
            case "older":
                found.append(encode(Begin(Lsn(place), MOMENT, first_xid - 10)))
            case "commit":
                found.append(encode(Commit(Lsn(place), Lsn(place + 5), MOMENT)))
            case "type":
                found.append(encode(TypeMessage(number, QualifiedName("public", "mood"))))
            case "insert", oid:
                found.append(encode(Insert(oid, [b"%d" % number])))
            case _, oid:
                found.append(encode(relation(oid)))
    return found


def told(part: Part) -> object:
    """All that an applier reads of it."""
    tables = {
        oid: (table.relation, sorted(map(str, read_copy(list(table.net.plain())))))
        for oid, table in part.tables.items()
    }
    return (
        *(part.commit, part.reach, part.xids, part.transactions, part.changes),
        *(part.described, part.passed, tables, dict(part.types)),
    )


def one_by_one(assembler: Assembler, messages: list[bytes]) -> Iterator[Part | None]:
    for message in messages:
        yield assembler.feed(HEAD + message, folding.HEADER)


def drained(
    module: Any, assembler: Assembler, messages: list[bytes], pauses: list[int]
) -> Iterator[Part | None]:
    """As the receiver does it."""
    rows = [HEAD + message for message in messages]
    for place in sorted((each for each in pauses if each <= len(rows)), reverse=True):
        rows.insert(place, b"")
    source = iter(rows)

    def read(_: int) -> tuple[int, memoryview]:
        row = next(source, None)
        return (-1, memoryview(b"")) if row is None else (len(row), memoryview(row))

    length = 1
    while length >= 0:
        run = assembler.transactions()
        most, room = assembler.room
        changes, size, length, data = module.drain(
            read, lambda: len(rows) % 2 == 0, assembler.open, run, most=most, room=room
        )
        yield assembler.add(changes, size, run)
        if data:
            yield assembler.feed(data, folding.HEADER)


def outcome(parts: Iterator[Part | None], assembler: Assembler) -> tuple[list[object], str]:
    found, refusal = [], ""
    try:
        found += [told(part) for part in parts if part is not None]
    except ProtocolViolation as error:
        return found, str(error)
    last = assembler.take()
    return [*found, told(last) if last else None, assembler.at_rest], refusal


class Python:
    """What `_hot` is, in Python."""

    Changes = folding.PureChanges
    drain = staticmethod(folding.pure_drain)


def ways() -> list[Any]:
    try:
        return [Python, importlib.import_module("airflow_adbsync.engine.replication._hot")]
    except ImportError:
        return [Python]


@given(
    history=st.one_of(
        st.lists(transactions.map(lambda some: ["begin", *some, "commit"]), max_size=12).map(
            lambda all_: [each for some in all_ for each in some]
        ),
        st.lists(actions, max_size=25),
    ),
    first_xid=st.sampled_from([50, 95, 100, WRAP - 3]),
    most=st.sampled_from([2, 5, 9, 1000]),
    room=st.sampled_from([100, 400, 1 << 30]),
    age=st.sampled_from([0.0, 3600.0, 3600.0]),
    behind=st.sampled_from([0, 0, 180]),
    start=st.sampled_from([0, 0, 0, 130]),
    pauses=st.lists(st.integers(3, 30), max_size=3),
)
@example(
    history=["begin", ("insert", 1), "commit"] * 4,
    first_xid=100, most=1000, room=1 << 30, age=3600.0, behind=0, start=0, pauses=[],
)  # fmt: skip
@example(
    history=["begin", ("insert", 1), "commit", "older", ("insert", 1), "commit"],
    first_xid=100, most=1000, room=1 << 30, age=3600.0, behind=0, start=0, pauses=[],
)  # fmt: skip
@example(
    history=["begin", ("insert", 1), "commit"],
    first_xid=100, most=1000, room=1 << 30, age=3600.0, behind=0, start=130, pauses=[],
)  # fmt: skip
def test_what_is_drained_makes_the_same_parts(
    history: list[Any],
    first_xid: int,
    most: int,
    room: int,
    age: float,
    behind: int,
    start: int,
    pauses: list[int],
) -> None:
    messages = encoded(history, first_xid)

    def assembler(module: Any) -> Assembler:
        xmax = first_xid if first_xid > 1000 else 100
        sought = {
            QualifiedName("public", f"t{oid}"): Sought(Snapshot(90, xmax, frozenset({98})), ("id",))
            for oid in (1, 2)
        }
        limits = Limits(most, room, age)
        waiting = {QualifiedName("public", "t1")}
        return Assembler(sought, {}, Lsn(start), limits, Lsn(behind), waiting=waiting, new=module.Changes)

    for module in ways():
        ours, theirs = assembler(module), assembler(module)
        expected = outcome(one_by_one(theirs, messages), theirs)
        assert outcome(drained(module, ours, messages, pauses), ours) == expected


@pytest.mark.parametrize("module", ways())
def test_whole_transactions_are_drained_at_once(module: Any) -> None:
    sought = {
        QualifiedName("public", f"t{oid}"): Sought(Snapshot(9, 9, frozenset()), ("id",)) for oid in OIDS
    }
    assembler = Assembler(sought, {}, Lsn(0), Limits(1000, 1 << 20, 3600), Lsn(0), new=module.Changes)
    history: list[Any] = ["begin", ("insert", 1), "commit"]
    for message in encoded(history, 100):
        assembler.feed(message)
    rows = iter(
        HEAD + message for message in encoded([*history * 51, "begin"], 100)[len(OIDS) + len(history) :]
    )

    def read(_: int) -> tuple[int, bytes]:
        row = next(rows, b"")
        return len(row), row

    run = assembler.transactions()
    assert module.drain(read, bool, assembler.open, run, most=1000, room=1 << 20)[0] == 50
    assert run.xids == list(range(102, 152))
    assert run.begin is not None
    assert run.begin.xid == 152
    assert run.commit == Commit(Lsn(100 + 152 * 10), Lsn(105 + 152 * 10), MOMENT)


@pytest.mark.parametrize("module", ways())
@pytest.mark.parametrize("message", [b"B" + bytes(19), b"C" + bytes(24), b"", b"I"])
def test_a_message_that_is_too_short_is_handed_back(module: Any, message: bytes) -> None:
    sought = {
        QualifiedName("public", f"t{oid}"): Sought(Snapshot(9, 9, frozenset()), ("id",)) for oid in OIDS
    }
    assembler = Assembler(sought, {}, Lsn(0), Limits(1000, 1 << 20, 3600), Lsn(0), new=module.Changes)
    for each in encoded(["begin", ("insert", 1), *(["commit"] if message[:1] == b"B" else [])], 100):
        assembler.feed(each)
    row = HEAD + message
    run = assembler.transactions()
    assert module.drain(lambda _: (len(row), row), bool, assembler.open, run, most=5, room=100) == (
        0,
        0,
        len(row),
        row,
    )


def test_a_module_that_was_compiled_from_another_version_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stale = ModuleType("_hot")
    stale.__file__ = "_hot.so"
    monkeypatch.delenv("ADBSYNC_PURE", raising=False)
    monkeypatch.setattr(folding, "import_module", lambda _: stale)
    with caplog.at_level(logging.WARNING):
        assert folding._compiled() is None
    assert "build_hot" in caplog.text
    monkeypatch.setattr(stale, "INTERFACE", folding.INTERFACE, raising=False)
    assert folding._compiled() is stale
