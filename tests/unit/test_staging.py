"""Staging: net changes as COPY's text, read back as a server reads it; and the statements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.replication.encoding import encode_keyed, encode_keyless, mask_of, take_census
from airflow_adbsync.engine.replication.messages import UNCHANGED, Delete, Insert, Update, Value
from airflow_adbsync.engine.replication.net_change import KeyedChanges, KeylessChanges
from airflow_adbsync.engine.replication.staging import StagedColumn, Staging
from tests.unit.copy_reader import read_copy

# Backslashes, the letters of COPY's escapes and its separators, again and again.
pieces = st.sampled_from([b"\\", b"\t", b"\n", b"\r", b"N", b".", b"a", b"\xc3\xa9"])
awkward = st.lists(pieces, max_size=8).map(b"".join)
noise = st.binary(max_size=20).map(lambda data: data.replace(b"\0", b""))
values = st.one_of(st.none(), awkward, noise)
rows = st.lists(values, min_size=3, max_size=3)


@given(st.lists(rows, max_size=10))
def test_any_value_is_read_back_as_it_was(inserted: list[list[Value]]) -> None:
    net = KeyedChanges((0,))
    for number, row in enumerate(inserted):
        net.insert(Insert(1, [b"%d" % number, *row]))
    lines = read_copy(list(encode_keyed(net, take_census(net), 4)))
    assert lines == [[b"I", b"0", None, b"%d" % n, *row] for n, row in enumerate(inserted)]


@given(st.lists(rows, max_size=10))
def test_keyless_rows_are_read_back_with_their_counts(inserted: list[list[Value]]) -> None:
    net = KeylessChanges()
    for row in inserted:
        net.insert(Insert(1, row))
    found = {tuple(row): int(count or b"") for count, *row in read_copy(list(encode_keyless(net)))}
    assert found == dict(net.rows())
    assert sum(found.values()) == len(inserted)


def test_operations_masks_and_keys_stand_before_the_row() -> None:
    net = KeyedChanges((1, 0))
    net.delete(Delete(1, [b"1", b"a", None]))
    net.update(Update(1, None, [b"2", b"b", b"all"]))
    net.update(Update(1, None, [b"3", b"c", UNCHANGED]))
    net.update(Update(1, [b"4", b"d", None], [b"40", b"d", UNCHANGED]))
    net.insert(Insert(1, [b"5", b"e", None]))
    census = take_census(net)
    assert (census.inserts, census.deletes, census.updates) == (1, 1, {(): 1, (2,): 2})
    assert read_copy(list(encode_keyed(net, census, 3))) == [
        [b"D", b"0", b"a", b"1", None, None, None],
        [b"U", b"0", b"b", b"2", b"2", b"b", b"all"],
        [b"U", b"1", b"c", b"3", b"3", b"c", None],
        [b"U", b"1", b"d", b"4", b"40", b"d", None],
        [b"I", b"0", None, None, b"5", b"e", None],
    ]


def test_blocks_hold_whole_lines_and_stay_near_their_size() -> None:
    net = KeylessChanges()
    for number in range(1000):
        net.insert(Insert(1, [b"%04d" % number * 250]))
    blocks = list(encode_keyless(net))
    assert len(blocks) > 2
    assert all(block.endswith(b"\n") and len(block) < 300_000 for block in blocks)
    assert len(read_copy(blocks)) == 1000


def test_nothing_is_no_block() -> None:
    assert list(encode_keyless(KeylessChanges())) == []


@pytest.mark.parametrize(
    ("row", "mask"),
    [
        ([b"1", None], ()),
        ([UNCHANGED, b"1"], (0,)),
        ([b"1", UNCHANGED, b"u", UNCHANGED], (1, 3)),
    ],
)
def test_the_mask_names_what_was_not_sent(row: list[Value], mask: tuple[int, ...]) -> None:
    assert mask_of(row) == mask


COLUMNS = (StagedColumn("Id", settable=False), StagedColumn("n"), StagedColumn("d", base_type="text"))
STAGING = Staging("stage_0", QualifiedName("public", "Odd t"), "ONLY ", COLUMNS, (0,))


def test_an_update_sets_what_was_sent_and_may_be_set() -> None:
    statement = STAGING.update(1, (1,))
    assert statement is not None
    assert 'UPDATE ONLY "public"."Odd t" AS t SET "d" = s.c2 FROM stage_0' in statement
    assert "s.mask = 1 AND" in statement


def test_an_update_leaves_rows_alone_whose_identity_has_a_new_value() -> None:
    statement = STAGING.update(0, ())
    assert statement is not None
    assert statement.endswith('t."Id" = s.k0 AND t."Id" IS NOT DISTINCT FROM s.c0')


def test_an_update_of_nothing_is_no_statement() -> None:
    assert STAGING.update(1, (1, 2)) is None


def test_domains_are_staged_as_their_base_type() -> None:
    statement = STAGING.create()
    assert 't."Id" AS k0, t."Id" AS c0, t."n" AS c1, t."d"::text AS c2' in statement
    assert statement.endswith('FROM "public"."Odd t" AS t WITH NO DATA')


def test_identity_columns_are_inserted_as_they_are() -> None:
    assert '("Id", "n", "d") OVERRIDING SYSTEM VALUE SELECT s.c0, s.c1, s.c2' in STAGING.insert("I")
