"""Messages become parts: where a part ends, what it leaves out, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from airflow_adbsync.engine.errors import ProtocolViolation
from airflow_adbsync.engine.model import Lsn, QualifiedName, ReplicaIdentity, Snapshot
from airflow_adbsync.engine.replication.batch import Assembler, Limits, Part, Sought
from airflow_adbsync.engine.replication.folding import PureChanges
from airflow_adbsync.engine.replication.messages import (
    Begin,
    Commit,
    Delete,
    Ignored,
    Insert,
    Message,
    RelationColumn,
    RelationMessage,
    Truncate,
    TypeMessage,
    Update,
)
from airflow_adbsync.engine.replication.net_change import KeyedChanges, KeylessChanges, NetRow
from tests.unit.pgoutput_encoder import encode

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING_SEEN = Snapshot(10, 10, frozenset())
ROOMY = Limits(changes=1000, bytes=1 << 20, age=3600)
T, OTHER = 1, 2


def relation(
    oid: int = T,
    name: str = "t",
    columns: Iterable[str] = ("id", "note"),
    key: Iterable[str] = ("id",),
    identity: ReplicaIdentity = ReplicaIdentity.DEFAULT,
) -> RelationMessage:
    described = tuple(RelationColumn(column, 25, -1, column in key) for column in columns)
    return RelationMessage(oid, QualifiedName("public", name), identity, described)


def begin(xid: int = 100) -> Begin:
    return Begin(Lsn(xid * 10), MOMENT, xid)


def commit(xid: int = 100) -> Commit:
    return Commit(Lsn(xid * 10), Lsn(xid * 10 + 5), MOMENT)


def insert(number: int, oid: int = T) -> Insert:
    return Insert(oid, [b"%d" % number, b"note"])


def transaction(xid: int, *changes: Message) -> list[Message]:
    return [begin(xid), *changes, commit(xid)]


def assembler(
    limits: Limits = ROOMY,
    snapshots: dict[str, Snapshot] | None = None,
    keys: dict[str, tuple[str, ...]] | None = None,
    names: dict[int, QualifiedName] | None = None,
    start: int = 0,
    one_by_one: int = 0,
) -> Assembler:
    sought = {
        QualifiedName("public", name): Sought(
            (snapshots or {}).get(name, NOTHING_SEEN), (keys or {}).get(name, ("id",))
        )
        for name in ("t", "other")
    }
    return Assembler(sought, names or {}, Lsn(start), limits, Lsn(one_by_one), new=PureChanges)


def feed(parts_of: Assembler, *messages: Message) -> list[Part]:
    found = [parts_of.feed(encode(message)) for message in messages]
    return [part for part in found if part is not None]


def net_of(part: Part, oid: int = T) -> KeyedChanges | KeylessChanges:
    changes = part.tables[oid].net
    assert isinstance(changes, PureChanges)
    return changes.net


def images(part: Part, oid: int = T) -> list[bytes]:
    net = net_of(part, oid)
    assert isinstance(net, KeyedChanges)
    return [row.image[0] for row in net.rows() if row.image and isinstance(row.image[0], bytes)]


def test_whole_transactions_are_taken_together() -> None:
    stream = assembler()
    assert feed(stream, relation(), *transaction(100, insert(1)), *transaction(101, insert(2))) == []
    assert not stream.at_rest

    part = stream.take()

    assert part is not None
    assert images(part) == [b"1", b"2"]
    assert (part.transactions, part.changes) == (2, 2)
    assert part.bytes > 20
    assert part.commit == commit(101)
    assert part.xids == [100, 101]
    assert stream.at_rest
    assert stream.take() is None


def test_nothing_is_handed_out_while_a_transaction_is_open() -> None:
    stream = assembler()
    feed(stream, relation(), *transaction(100, insert(1)), begin(101), insert(2))
    assert stream.take() is None
    assert not stream.at_rest
    feed(stream, commit(101))
    assert stream.take() is not None


@pytest.mark.parametrize(
    "limits", [Limits(changes=2, bytes=1 << 20, age=3600), Limits(changes=99, bytes=100, age=3600)]
)
def test_a_large_transaction_comes_in_parts_and_only_the_last_commits(limits: Limits) -> None:
    stream = assembler(limits)
    parts = feed(stream, relation(), begin(), *(insert(n) for n in range(1, 6)), commit())
    assert [images(part) for part in parts] == [[b"1", b"2"], [b"3", b"4"], [b"5"]]
    assert [part.commit for part in parts] == [None, None, commit()]
    assert [part.transactions for part in parts] == [0, 0, 1]
    assert [part.xids for part in parts] == [[100], [100], [100]]
    assert [part.reach for part in parts] == [commit().commit_lsn] * 3
    assert sum(part.changes for part in parts) == 5


def test_a_part_that_ends_within_a_transaction_does_not_commit_those_before_it() -> None:
    stream = assembler(Limits(changes=3, bytes=1 << 20, age=3600))
    changes = [insert(2), insert(3), insert(4)]
    (part,) = feed(stream, relation(), *transaction(100, insert(1)), begin(101), *changes)
    assert (part.commit, part.transactions) == (None, 1)
    assert images(part) == [b"1", b"2", b"3"]
    (rest,) = feed(stream, commit(101))
    assert images(rest) == [b"4"]


@pytest.mark.parametrize("size", [3, 4, 5])
def test_transactions_of_up_to_half_the_limit_are_never_cut(size: int) -> None:
    stream = assembler(Limits(changes=10, bytes=1 << 20, age=3600))
    stream.feed(encode(relation()))
    messages = [
        message
        for xid in range(100, 120)
        for message in transaction(xid, *(insert(xid * 100 + number) for number in range(size)))
    ]
    parts = feed(stream, *messages)
    assert len(parts) >= 5
    assert all(part.commit is not None for part in parts)
    assert all(5 <= part.changes <= 10 for part in parts)


def test_a_transaction_that_ends_where_a_part_did_still_commits() -> None:
    stream = assembler(Limits(changes=2, bytes=1 << 20, age=3600))
    part, last = feed(stream, relation(), begin(), insert(1), insert(2), commit())
    assert part.commit is None
    assert (last.commit, last.changes, last.transactions) == (commit(), 0, 1)


def test_a_part_of_very_many_tables_ends_at_the_next_commit() -> None:
    names = [f"t{oid}" for oid in range(1, 301)]
    sought = {QualifiedName("public", name): Sought(NOTHING_SEEN, ("id",)) for name in names}
    stream = Assembler(sought, {}, Lsn(0), ROOMY, Lsn(0))
    feed(stream, *(relation(oid, name) for oid, name in enumerate(names, 1)))
    parts = feed(stream, *(m for oid in range(1, 301) for m in transaction(oid + 100, insert(1, oid))))
    assert len(parts) == 1
    assert 100 <= len(parts[0].tables) <= 299


def test_transactions_up_to_an_lsn_can_be_had_one_by_one() -> None:
    stream = assembler(one_by_one=commit(101).commit_lsn)
    parts = feed(stream, relation(), *(m for xid in range(100, 104) for m in transaction(xid, insert(xid))))
    last = stream.take()
    assert last is not None
    assert [images(part) for part in [*parts, last]] == [[b"100"], [b"101"], [b"102", b"103"]]
    assert [part.reach for part in [*parts, last]] == [1000, 1010, 1030]


def test_an_old_part_is_handed_out_at_the_next_commit() -> None:
    stream = assembler(Limits(changes=99, bytes=1 << 20, age=0.02))
    feed(stream, relation(), begin(), insert(1))
    time.sleep(0.03)
    assert feed(stream, insert(2)) == []
    (part,) = feed(stream, commit())
    assert images(part) == [b"1", b"2"]


def test_a_change_that_the_load_has_seen_is_left_out() -> None:
    snapshot = Snapshot(100, 103, frozenset({101}))
    stream = assembler(snapshots={"t": snapshot})
    feed(stream, relation(), relation(OTHER, "other"))
    for xid in (99, 100, 101, 102, 103):
        feed(stream, *transaction(xid, insert(xid), insert(xid, OTHER)))
    part = stream.take()
    assert part is not None
    assert images(part) == [b"101", b"103"]
    assert images(part, OTHER) == [b"99", b"100", b"101", b"102", b"103"]
    assert part.transactions == 5


def test_a_transaction_that_was_seen_whole_still_moves_the_progress() -> None:
    stream = assembler(snapshots={"t": Snapshot(200, 200, frozenset())})
    feed(stream, relation(), *transaction(100, insert(1)))
    part = stream.take()
    assert part is not None
    assert (part.changes, part.tables, part.commit) == (0, {}, commit())


def test_tables_of_others_are_left_out() -> None:
    stream = assembler()
    feed(stream, relation(9, "not_ours"), *transaction(100, insert(1, 9)))
    part = stream.take()
    assert part is not None
    assert part.tables == {}


def test_truncate_parts_what_was_before_from_what_comes_after() -> None:
    stream = assembler()
    feed(stream, relation(), relation(OTHER, "other"), begin(), insert(1), insert(2, OTHER))
    (before,) = feed(stream, Truncate((T,), cascade=False, restart_identity=True))
    (after,) = feed(stream, insert(3), commit())
    assert (images(before), before.truncated, before.commit) == ([b"1"], (), None)
    assert (images(after), after.truncated, after.commit) == ([b"3"], (relation(),), commit())
    assert (before.restart_identity, after.restart_identity) == (False, True)


def test_two_truncates_are_two_parts() -> None:
    stream = assembler()
    truncates = [Truncate((T,), False, False), Truncate((OTHER,), False, False)]
    (first,) = feed(stream, relation(), relation(OTHER, "other"), begin(), *truncates)
    assert [each.name.name for each in first.truncated] == ["t"]
    (second,) = feed(stream, commit())
    assert [each.name.name for each in second.truncated] == ["other"]


def test_a_truncate_that_the_load_has_seen_is_left_out_table_by_table() -> None:
    stream = assembler(snapshots={"t": Snapshot(200, 200, frozenset())})
    truncate = Truncate((T, OTHER), cascade=True, restart_identity=False)
    feed(stream, relation(), relation(OTHER, "other"), begin(100), insert(1, OTHER))
    before, after = feed(stream, truncate, commit(100))
    assert images(before, OTHER) == [b"1"]
    assert [each.name.name for each in after.truncated] == ["other"]
    assert feed(stream, begin(101), Truncate((T,), False, False), commit(101)) == []


def test_a_changed_table_begins_a_new_part() -> None:
    stream = assembler()
    wider = relation(columns=("id", "note", "more"))
    feed(stream, relation(), begin(), insert(1))
    (before,) = feed(stream, wider)
    (after,) = feed(stream, Insert(T, [b"2", b"note", b"more"]), commit())
    assert (before.tables[T].relation, before.commit) == (relation(), None)
    assert after.tables[T].relation == wider
    assert images(after) == [b"2"]


def test_a_table_that_had_another_name_for_a_time_is_the_same_table() -> None:
    stream = assembler(names={T: QualifiedName("public", "t"), OTHER: QualifiedName("public", "other")})
    feed(stream, relation(name="other"), relation(OTHER, "gone"))
    feed(stream, *transaction(100, insert(1), insert(2, OTHER)))
    part = stream.take()
    assert part is not None
    assert {oid: changes.relation.name.name for oid, changes in part.tables.items()} == {
        T: "t",
        OTHER: "other",
    }


def test_a_table_described_again_unchanged_ends_no_part() -> None:
    stream = assembler()
    feed(stream, relation(), begin(), insert(1))
    assert feed(stream, relation(), relation(OTHER, "other"), insert(2), commit()) == []


def test_types_are_known_to_the_parts_that_follow() -> None:
    stream = assembler()
    first, second = TypeMessage(20000, QualifiedName("s", "a")), TypeMessage(20001, QualifiedName("s", "b"))
    feed(stream, first, relation(), *transaction(100, insert(1)))
    before = stream.take()
    feed(stream, second, *transaction(101, insert(1)))
    after = stream.take()
    assert before is not None
    assert after is not None
    assert before.types == {20000: first.name}
    assert after.types == {20000: first.name, 20001: second.name}


@pytest.mark.parametrize(
    ("identity", "key_there", "key_here", "places"),
    [
        (ReplicaIdentity.DEFAULT, ("id",), ("note",), (0,)),
        (ReplicaIdentity.INDEX, ("note",), ("id",), (1,)),
        (ReplicaIdentity.FULL, ("id", "note"), ("note",), (1,)),
        (ReplicaIdentity.FULL, ("id", "note"), ("note", "id"), (1, 0)),
        (ReplicaIdentity.FULL, ("id", "note"), ("note", "generated"), None),
        (ReplicaIdentity.FULL, ("id", "note"), (), None),
        (ReplicaIdentity.NOTHING, (), ("id",), None),
    ],
)
def test_the_key_is_the_identity_s_or_under_full_the_target_s(
    identity: ReplicaIdentity,
    key_there: tuple[str, ...],
    key_here: tuple[str, ...],
    places: tuple[int, ...] | None,
) -> None:
    stream = assembler(keys={"t": key_here})
    feed(stream, relation(key=key_there, identity=identity), *transaction(100, insert(1)))
    part = stream.take()
    assert part is not None
    net = net_of(part)
    if places is None:
        assert isinstance(net, KeylessChanges)
    else:
        assert isinstance(net, KeyedChanges)
        assert (net.key, net.full) == (places, identity is ReplicaIdentity.FULL)


def test_changes_of_a_batch_are_folded() -> None:
    stream = assembler()
    changes = [insert(1), Update(T, None, [b"1", b"new"]), Update(T, [b"7", None], [b"8", b"x"])]
    feed(stream, relation(), *transaction(100, *changes), *transaction(101, Delete(T, [b"1", None])))
    part = stream.take()
    assert part is not None
    assert list(net_of(part).rows()) == [NetRow((b"7",), [b"8", b"x"])]
    assert part.changes == 4


def test_what_changes_no_row_is_passed_over() -> None:
    stream = assembler()
    assert feed(stream, begin(), Ignored("message"), Ignored("origin"), commit()) == []
    part = stream.take()
    assert part is not None
    assert (part.changes, part.transactions) == (0, 1)


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([relation(), insert(1)], "outside of a transaction"),
        ([relation(), Truncate((T,), False, False)], "outside of a transaction"),
        ([begin(), insert(1)], "did not describe"),
        ([begin(), Truncate((7,), False, False)], "did not describe"),
        ([begin(), begin(101)], "within a transaction"),
        ([commit()], "that had not begun"),
        ([relation(), begin(), Insert(T, [b"1"])], "1 values"),
        ([relation(), begin(), Update(T, [b"1"], [b"1", b"2"])], "1 values"),
        ([relation(), begin(), Update(T, None, [b"1", b"2", b"3"])], "3 values"),
        ([relation(), begin(), Delete(T, [])], "0 values"),
    ],
)
def test_a_stream_that_the_protocol_does_not_allow_is_refused(messages: list[Message], said: str) -> None:
    with pytest.raises(ProtocolViolation, match=said):
        feed(assembler(), *messages)


def test_a_transaction_that_is_on_the_target_already_is_refused() -> None:
    stream = assembler(start=1005)
    with pytest.raises(ProtocolViolation, match="0/3ED again"):
        feed(stream, relation(), *transaction(100, insert(1)))
    assert feed(assembler(start=1004), relation(), *transaction(100, insert(1))) == []
