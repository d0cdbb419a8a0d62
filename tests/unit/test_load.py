"""Packing into bins, the statements of a load, and whether a table fits; nothing here opens a connection."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.config import NameOptions, Objects, SyncConfig
from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.bins import Bin, LoadPlan, pack
from airflow_adbsync.engine.load.columns import carried, differences
from airflow_adbsync.engine.model import Column, QualifiedName, Relation, RelationKind
from airflow_adbsync.engine.shape import Shapes

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


def test_a_plan_can_be_read() -> None:
    plan = pack([sized(number, number * 100 * MEGABYTE) for number in range(1, 6)], 2)
    assert str(plan).splitlines() == [
        "bin 0: 3 tables, about 838.9 MB: s.t00005, s.t00002, s.t00001",
        "bin 1: 2 tables, about 734.0 MB: s.t00004, s.t00003",
    ]
    assert str(pack([sized(number, 0) for number in range(9)], 1)).endswith("s.t00002 and 6 more")


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
READ = ('"id"', '"""Q"""')
WRITTEN = ("id", '"Q"')


def test_statements_for_an_ordinary_table() -> None:
    assert statements.lock_source(PLAIN) == 'LOCK TABLE ONLY "public"."Orders" IN ACCESS SHARE MODE'
    assert statements.lock_target(PLAIN) == 'LOCK TABLE ONLY "public"."Orders" IN ACCESS EXCLUSIVE MODE'
    assert statements.truncate(PLAIN) == 'TRUNCATE ONLY "public"."Orders"'
    assert statements.delete(PLAIN) == 'DELETE FROM ONLY "public"."Orders"'
    assert statements.copy_out(PLAIN, READ, binary=True, plain=True) == (
        'COPY "public"."Orders" ("id", """Q""") TO STDOUT WITH (FORMAT binary)'
    )
    assert statements.copy_out(PLAIN, ['"id"', "(1)::int"], binary=True, plain=False) == (
        'COPY (SELECT "id", (1)::int FROM ONLY "public"."Orders") TO STDOUT WITH (FORMAT binary)'
    )
    assert statements.copy_out(PLAIN, READ, binary=True, plain=True, conditions=["a", "b"]) == (
        'COPY (SELECT "id", """Q""" FROM ONLY "public"."Orders" WHERE a AND b) TO STDOUT WITH (FORMAT binary)'
    )
    assert statements.copy_in(PLAIN, WRITTEN, binary=True, freeze=True) == (
        'COPY "public"."Orders" ("id", """Q""") FROM STDIN WITH (FORMAT binary, FREEZE)'
    )


def test_statements_for_a_partitioned_table() -> None:
    assert statements.lock_source(ROOT) == 'LOCK TABLE "public"."Orders" IN ACCESS SHARE MODE'
    assert statements.truncate(ROOT) == 'TRUNCATE "public"."Orders"'
    assert statements.copy_out(ROOT, READ, binary=False, plain=True) == (
        'COPY (SELECT "id", """Q""" FROM "public"."Orders") TO STDOUT WITH (FORMAT text)'
    )
    assert statements.copy_in(PLAIN, WRITTEN, binary=False, freeze=False) == (
        'COPY "public"."Orders" ("id", """Q""") FROM STDIN WITH (FORMAT text)'
    )


def test_a_table_without_columns_to_copy() -> None:
    empty = replace(PLAIN, columns=())
    assert statements.copy_out(empty, [], binary=False, plain=True) == (
        'COPY "public"."Orders" TO STDOUT WITH (FORMAT text)'
    )
    assert statements.copy_in(empty, [], binary=False, freeze=False) == (
        'COPY "public"."Orders" FROM STDIN WITH (FORMAT text)'
    )


def shaped(relation: Relation, *names: NameOptions, **options: object) -> Shapes:
    document = {str(relation.name): options} if options else {}
    return Shapes(
        SyncConfig(
            sync_id="s",
            source="a",
            target="b",
            objects=Objects(tables=(str(relation.name),)),
            tables=document,
            **({"names": names[0]} if names else {}),
        )
    )


def unlike(source: Relation, target: Relation, shapes: Shapes) -> tuple[str, ...]:
    return differences(source, target, shapes.of(source), shapes.object)


def read(source: Relation, target: Relation, shapes: Shapes) -> list[tuple[str, str, str]]:
    found = carried(source, target, shapes.of(source), shapes.object)
    return [(column.name, column.expression, column.doubt) for column in found]


def test_differences_are_said_column_by_column() -> None:
    target = replace(
        PLAIN,
        columns=(
            Column("id", "integer"),
            Column("twice", "bigint"),
            Column("extra", "text", not_null=True),
        ),
    )
    assert unlike(PLAIN, PLAIN, shaped(PLAIN)) == ()
    assert unlike(PLAIN, target, shaped(PLAIN)) == (
        "column id is integer instead of bigint",
        'column "Q" is missing',
        "column twice is generated on the source only",
        "column extra is only there",
    )


def test_binary_takes_types_that_mean_the_same_on_both_sides() -> None:
    opaque = replace(COLUMNS[1], binary=False)

    def doubts(source: tuple[Column, ...], target: tuple[Column, ...]) -> list[str]:
        there, here = replace(PLAIN, columns=source), replace(PLAIN, columns=target)
        return [doubt for _, _, doubt in read(there, here, shaped(PLAIN)) if doubt]

    assert doubts(COLUMNS, COLUMNS) == []
    assert doubts((opaque,), COLUMNS) == ['column "Q" is text']
    assert doubts(COLUMNS[:2], (COLUMNS[0], opaque)) == ['column "Q" is text']
    # It isn't copied, so its form doesn't matter.
    assert doubts(COLUMNS, (*COLUMNS[:2], replace(COLUMNS[2], binary=False))) == []


def test_a_type_that_moves_with_its_schema_is_the_same_type() -> None:
    source = replace(PLAIN, columns=(Column("m", 'shop."Mood"[]'), Column("n", "shop.level")))
    target = replace(PLAIN, columns=(Column("m", 'store."Mood"[]'), Column("n", "shop.level")))
    moved = shaped(PLAIN, NameOptions(schemas={"shop": "store"}))
    assert unlike(source, target, moved) == ("column n is shop.level instead of shop.level",)
    assert read(source, target, moved)[0] == ("m", '"m"', "")
    assert unlike(source, target, shaped(PLAIN)) == ('column m is store."Mood"[] instead of shop."Mood"[]',)


def test_columns_of_another_shape_are_read_as_what_the_target_has() -> None:
    source = replace(PLAIN, columns=(Column("id", "bigint"), Column("n", "int"), Column("gone", "text")))
    target = replace(
        PLAIN,
        columns=(Column("order_id", "bigint"), Column("total", "numeric(12,2)"), Column("origin", "s.mood")),
    )
    shapes = shaped(
        PLAIN,
        columns={
            "id": "order_id",
            "gone": False,
            "n": {"name": "total", "type": "numeric(12,2)", "value": "n * 2"},
        },
        extra={"origin": {"type": "s.mood", "value": "'eu'"}},
    )
    assert unlike(source, target, shapes) == ()
    assert read(source, target, shapes) == [
        ("order_id", '"id"', ""),
        ("total", "(\nn * 2\n)::numeric(12,2)", ""),
        ("origin", "(\n'eu'\n)", "column origin becomes s.mood"),
    ]
