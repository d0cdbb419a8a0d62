"""Statements find what they need, come in sections, and split into before and after the rows."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.definitions import Dependencies
from airflow_adbsync.engine.schema.identity import ObjectId, function, relation, type_
from airflow_adbsync.engine.schema.ordering import before_data, order, tie
from airflow_adbsync.engine.schema.statement import Draft, Section, Statement
from airflow_adbsync.engine.schema.waves import runs, shares, waves


def names(statements: Sequence[Statement]) -> list[str]:
    return [item.object for item in statements]


def statement(name: str, section: Section, *needs: str) -> Statement:
    return Statement(name, section, f"make {name}", frozenset(needs))


def test_sections_go_in_their_order_and_names_alphabetically() -> None:
    mixed = [
        statement("view v", Section.VIEW),
        statement("table b", Section.TABLE),
        statement("table a", Section.TABLE),
        statement("type t", Section.TYPE),
    ]

    assert names(order(mixed).statements) == ["type t", "table a", "table b", "view v"]


def test_a_need_goes_before_its_section() -> None:
    mixed = [
        statement("function of row", Section.FUNCTION, "table t"),
        statement("table t", Section.TABLE, "function of default"),
        statement("function of default", Section.FUNCTION),
    ]

    assert names(order(mixed).statements) == ["function of default", "table t", "function of row"]


def test_a_circle_is_told_and_loses_nothing() -> None:
    ordered = order(
        [
            statement("table t", Section.TABLE, "function f"),
            statement("function f", Section.FUNCTION, "table t"),
            statement("view v", Section.VIEW),
        ]
    )

    assert ordered.knotted == {"table t", "function f"}
    assert names(ordered.statements) == ["view v", "function f", "table t"]


def test_a_need_that_nothing_makes_counts_as_there() -> None:
    assert not order([statement("table t", Section.TABLE, "extension postgis")]).knotted


@given(st.lists(st.tuples(st.sampled_from(list(Section)), st.sets(st.integers(0, 30))), max_size=30))
def test_whatever_needs_only_earlier_ones_is_ordered(drawn: list[tuple[Section, set[int]]]) -> None:
    statements = [
        statement(str(number), section, *(str(need) for need in needs if need < number))
        for number, (section, needs) in enumerate(drawn)
    ]
    ordered = order(reversed(statements))

    assert not ordered.knotted
    seen: set[str] = set()
    for item in ordered.statements:
        assert item.needs <= seen
        seen.add(item.object)
    assert seen == {item.object for item in statements}


def test_drafts_are_tied_through_the_parts_of_what_they_make() -> None:
    """A column of an array type of an enum: table -> array type -> (part of) enum."""
    mood, moods, table = type_(1), type_(2), relation(3)
    drafts = [
        Draft("table t", Section.TABLE, "", frozenset({table})),
        Draft("type mood", Section.TYPE, "", frozenset({mood})),
    ]

    tied = tie(drafts, Dependencies(needs=((table, moods),), part_of={moods: mood}))

    assert tied[0].needs == {"type mood"}
    assert not tied[1].needs


def test_the_same_oid_in_two_catalogs_is_two_objects() -> None:
    drafts = [
        Draft("table t", Section.TABLE, "", frozenset({relation(7)})),
        Draft("function f", Section.FUNCTION, "", frozenset({function(7)})),
        Draft("view v", Section.VIEW, "", frozenset({relation(8)})),
    ]

    tied = tie(drafts, Dependencies(needs=((relation(8), function(7)),)))

    assert tied[2].needs == {"function f"}


def test_parts_of_each_other_do_not_hang() -> None:
    one, two = ObjectId("pg_class", 1), ObjectId("pg_class", 2)
    drafts = [Draft("table t", Section.TABLE, "", frozenset({relation(3)}))]

    tied = tie(drafts, Dependencies(needs=((relation(3), one),), part_of={one: two, two: one}))

    assert not tied[0].needs


def test_what_lies_in_a_schema_that_is_made_needs_it() -> None:
    drafts = [
        Draft("schema shop", Section.SCHEMA, "", home="shop"),
        Draft("table shop.t", Section.TABLE, "", home="shop"),
        Draft("table public.t", Section.TABLE, "", home="public"),
    ]

    assert [item.needs for item in tie(drafts, Dependencies())] == [set(), {"schema shop"}, set()]


def test_before_the_rows_come_tables_what_they_need_and_what_needs_nothing_later() -> None:
    early = before_data(
        order(
            [
                statement("table t", Section.TABLE, "function default"),
                statement("function default", Section.FUNCTION, "view needed"),
                statement("view needed", Section.VIEW, "table base"),
                statement("table base", Section.TABLE),
                statement("function called by default", Section.FUNCTION),
                statement("function of view", Section.FUNCTION, "view late"),
                statement("view late", Section.VIEW, "table t"),
                statement("index i", Section.INDEX, "table t"),
            ]
        ).statements
    )

    assert early == {
        "table t",
        "function default",
        "view needed",
        "table base",
        "function called by default",
    }


def test_only_long_statements_of_their_own_tables_run_side_by_side() -> None:
    sequence = [
        statement("table t", Section.TABLE),
        statement("table u", Section.TABLE),
        statement("primary key t", Section.KEY, "table t"),
        statement("index t1", Section.INDEX, "table t"),
        statement("index u1", Section.INDEX, "index t1"),
        statement("foreign key", Section.FOREIGN_KEY),
        statement("foreign key 2", Section.FOREIGN_KEY),
    ]

    assert [names(wave) for wave in waves(sequence)] == [
        ["table t"],
        ["table u"],
        ["primary key t", "index t1"],
        ["index u1"],
        ["foreign key"],
        ["foreign key 2"],
    ]


def test_short_statements_share_a_transaction_and_long_ones_stand_apart() -> None:
    statements = [
        *(statement(f"table {number}", Section.TABLE) for number in range(5)),
        statement("key 1", Section.KEY),
        statement("key 2", Section.KEY),
        statement("view", Section.VIEW),
        statement("validation", Section.VALIDATION),
        statement("trigger", Section.TRIGGER, "view"),
    ]

    assert [names(run) for run in runs(waves(statements), 3)] == [
        ["table 0", "table 1", "table 2"],
        ["table 3", "table 4"],
        ["key 1", "key 2"],
        ["view"],
        ["validation"],
        ["trigger"],
    ]


def test_large_tables_are_dealt_out_one_by_one_and_small_ones_together() -> None:
    def index(name: str, table: str) -> Statement:
        return Statement(name, Section.INDEX, "", reads=QualifiedName("public", table))

    wave = [
        index("a1", "a"),
        index("b1", "b"),
        index("a2", "a"),
        index("c1", "c"),
        index("big", "big"),
        index("bigger", "bigger"),
        Statement("on nothing", Section.VALIDATION, ""),
    ]
    large = {QualifiedName("public", "big"): 10 << 20, QualifiedName("public", "bigger"): 20 << 20}

    assert [names(share) for share in shares(wave, large, 3)] == [
        ["bigger"],
        ["big"],
        ["on nothing"],
        ["a1", "a2", "b1"],
        ["c1"],
    ]
    assert shares([], {}, 3) == []
