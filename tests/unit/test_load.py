"""Packing into bins, the statements of a load, and whether a table fits; nothing here opens a connection."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.bins import Bin, LoadPlan, pack
from airflow_adbsync.engine.load.columns import differences, not_binary
from airflow_adbsync.engine.model import Column, QualifiedName, Relation, RelationKind

MEGABYTE = 1 << 20


def sized(number: int, size: int) -> Relation:
    return Relation(QualifiedName("s", f"t{number:05}"), RelationKind.TABLE, (), bytes=size)


sizes = st.lists(st.integers(0, 1 << 40), max_size=60)


@given(sizes, st.integers(1, 20))
def test_every_table_lies_in_exactly_one_bin(table_sizes: list[int], max_bins: int) -> None:
    relations = [sized(number, size) for number, size in enumerate(table_sizes)]
    bins = pack(relations, max_bins).bins
    assert sorted(table for bin_ in bins for table in bin_.tables) == [item.name for item in relations]
    assert len(bins) <= max_bins
    assert all(bin_.tables for bin_ in bins)
    assert [bin_.number for bin_ in bins] == list(range(len(bins)))
    assert sum(bin_.bytes for bin_ in bins) == sum(table_sizes)


@given(sizes, st.integers(1, 20))
def test_no_bin_could_be_relieved_by_its_last_table(table_sizes: list[int], max_bins: int) -> None:
    """The fullest bin, less its smallest table, is no fuller than any other: a greedy packing's property."""
    relations = {item.name: item for item in (sized(n, size) for n, size in enumerate(table_sizes))}
    costs = [
        [relations[table].bytes + (512 << 10) for table in bin_.tables]
        for bin_ in pack(relations.values(), max_bins).bins
    ]
    for bin_ in costs:
        assert all(sum(bin_) - min(bin_) <= sum(other) for other in costs)


def test_the_largest_tables_come_first_and_apart() -> None:
    plan = pack([sized(number, number * 100 * MEGABYTE) for number in range(1, 7)], 3)
    assert [[table.name for table in bin_.tables] for bin_ in plan.bins] == [
        ["t00006", "t00001"],
        ["t00005", "t00002"],
        ["t00004", "t00003"],
    ]


def test_thousands_of_small_tables_make_a_few_tasks() -> None:
    bins = pack([sized(number, 8192) for number in range(5000)], 8).bins
    assert [len(bin_.tables) for bin_ in bins] == [625] * 8


@pytest.mark.parametrize(
    ("tables", "megabytes", "expected"), [(3, 0, 1), (30, 0, 2), (3, 100, 3), (1, 10**6, 1)]
)
def test_small_databases_are_not_cut_up(tables: int, megabytes: int, expected: int) -> None:
    relations = [sized(number, megabytes * MEGABYTE) for number in range(tables)]
    assert len(pack(relations, 8).bins) == expected


def test_nothing_to_load_makes_no_bin() -> None:
    assert pack([], 8) == LoadPlan(())


def test_a_plan_travels_as_json_with_any_name() -> None:
    plan = LoadPlan((Bin(0, (QualifiedName('a."b', "c d"), QualifiedName("s", "t")), 12),))
    assert LoadPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


COLUMNS = (
    Column("id", "bigint", identity_always=True),
    Column('"Q"', "text"),
    Column("twice", "bigint", generated=True),
)
PLAIN = Relation(QualifiedName("public", "Orders"), RelationKind.TABLE, COLUMNS)
ROOT = replace(PLAIN, kind=RelationKind.PARTITIONED)


def test_statements_for_an_ordinary_table() -> None:
    assert statements.lock_source(PLAIN) == 'LOCK TABLE ONLY "public"."Orders" IN ACCESS SHARE MODE'
    assert statements.lock_target(PLAIN) == 'LOCK TABLE ONLY "public"."Orders" IN ACCESS EXCLUSIVE MODE'
    assert statements.truncate(PLAIN) == 'TRUNCATE ONLY "public"."Orders"'
    assert statements.delete(PLAIN) == 'DELETE FROM ONLY "public"."Orders"'
    assert statements.copy_out(PLAIN, binary=True) == (
        'COPY "public"."Orders" ("id", """Q""") TO STDOUT WITH (FORMAT binary)'
    )
    assert statements.copy_in(PLAIN, PLAIN, binary=True, freeze=True) == (
        'COPY "public"."Orders" ("id", """Q""") FROM STDIN WITH (FORMAT binary, FREEZE)'
    )


def test_statements_for_a_partitioned_table() -> None:
    assert statements.lock_source(ROOT) == 'LOCK TABLE "public"."Orders" IN ACCESS SHARE MODE'
    assert statements.truncate(ROOT) == 'TRUNCATE "public"."Orders"'
    assert statements.copy_out(ROOT, binary=False) == (
        'COPY (SELECT "id", """Q""" FROM "public"."Orders") TO STDOUT WITH (FORMAT text)'
    )
    assert statements.copy_in(ROOT, PLAIN, binary=False, freeze=False) == (
        'COPY "public"."Orders" ("id", """Q""") FROM STDIN WITH (FORMAT text)'
    )


def test_a_table_without_columns_to_copy() -> None:
    empty = replace(PLAIN, columns=())
    assert statements.copy_out(empty, binary=False) == 'COPY "public"."Orders" TO STDOUT WITH (FORMAT text)'
    assert statements.copy_in(empty, empty, binary=False, freeze=False) == (
        'COPY "public"."Orders" FROM STDIN WITH (FORMAT text)'
    )


def test_differences_are_said_column_by_column() -> None:
    target = replace(
        PLAIN,
        columns=(
            Column("id", "integer"),
            Column("twice", "bigint"),
            Column("extra", "text", not_null=True),
        ),
    )
    assert differences(PLAIN, PLAIN) == ()
    assert differences(PLAIN, target) == (
        "column id is integer instead of bigint",
        'column "Q" is missing',
        "column twice is generated on the source only",
        "column extra is only there",
    )


def test_binary_takes_types_that_mean_the_same_on_both_sides() -> None:
    opaque = replace(COLUMNS[1], binary=False)
    generated = replace(COLUMNS[2], binary=False)
    said = ('column "Q" is text',)
    assert not_binary(PLAIN, PLAIN) == ()
    assert not_binary(replace(PLAIN, columns=(opaque,)), PLAIN) == said
    assert not_binary(PLAIN, replace(PLAIN, columns=(COLUMNS[0], opaque))) == said
    assert not_binary(PLAIN, replace(PLAIN, columns=(Column("id", "integer"), COLUMNS[1]))) == (
        "column id is bigint",
    )
    # It isn't copied, so its form doesn't matter.
    assert not_binary(replace(PLAIN, columns=(COLUMNS[0], generated)), PLAIN) == ()
