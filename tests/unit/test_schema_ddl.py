"""Definitions become the DDL that a reviewer can read here, whatever their names hold."""

from __future__ import annotations

from textwrap import dedent

import pytest

from airflow_adbsync.engine.model import QualifiedName, distributed_by
from airflow_adbsync.engine.schema.ddl import (
    aggregate_drafts,
    function_drafts,
    sequence_drafts,
    table_drafts,
    type_drafts,
    view_drafts,
)
from airflow_adbsync.engine.schema.ddl.text import literal, with_options
from airflow_adbsync.engine.schema.definitions import (
    AggregateDefinition,
    ColumnDefinition,
    CompositeDefinition,
    ConstraintDefinition,
    DomainDefinition,
    EnumDefinition,
    FunctionDefinition,
    RangeDefinition,
    SequenceDefinition,
    ViewDefinition,
)
from airflow_adbsync.engine.schema.identity import constraint, default, relation
from airflow_adbsync.engine.schema.placement import Placement, Placements
from airflow_adbsync.engine.schema.statement import Section
from tests.unit.schema_drafts import GREENPLUM, ODD, POSTGRESQL_16, POSTGRESQL_18, T, sql, table, tables


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "'plain'"),
        ("", "''"),
        ("it's", "'it''s'"),
        ("back\\slash", "E'back\\\\slash'"),
        ("both '\\'", "E'both ''\\\\'''"),
        ("日本 é", "'日本 é'"),
    ],
)
def test_literal(text: str, written: str) -> None:
    assert literal(text) == written


def test_options() -> None:
    assert with_options(()) == ""
    assert with_options(("fillfactor=70", "a=b=c")) == " WITH (fillfactor='70', a='b=c')"


def test_types() -> None:
    made = sql(
        type_drafts(
            [
                EnumDefinition(1, ODD, ("sad", "it's", "")),
                CompositeDefinition(
                    2,
                    QualifiedName("s", "Point"),
                    (
                        ColumnDefinition("y y", "numeric(10,2)"),
                        ColumnDefinition("n", "text", collation='pg_catalog."C"'),
                    ),
                ),
                RangeDefinition(3, QualifiedName("s", "r"), {"subtype": "text", "canonical": "s.f"}),
                DomainDefinition(
                    4,
                    QualifiedName("s", "d"),
                    "character varying(10)",
                    'pg_catalog."C"',
                    not_null=True,
                    default="'x'::character varying",
                    constraints=(
                        ConstraintDefinition(5, "odd check", "c", "CHECK ((VALUE <> ''::text))"),
                        ConstraintDefinition(6, "late", "c", "CHECK (true) NOT VALID", validated=False),
                    ),
                ),
            ],
            POSTGRESQL_18,
        )
    )

    assert made == {
        'type "Odd.Schema"."select ""x"" y"': (
            "CREATE TYPE \"Odd.Schema\".\"select \"\"x\"\" y\" AS ENUM (\n    'sad',\n    'it''s',\n    ''\n)"
        ),
        "type s.Point": (
            'CREATE TYPE "s"."Point" AS (\n    "y y" numeric(10,2),\n    "n" text COLLATE pg_catalog."C"\n)'
        ),
        "type s.r": 'CREATE TYPE "s"."r" AS RANGE (\n    subtype = text,\n    canonical = s.f\n)',
        "type s.d": (
            'CREATE DOMAIN "s"."d" AS character varying(10) COLLATE pg_catalog."C"\n'
            "    DEFAULT 'x'::character varying\n"
            "    NOT NULL\n"
            "    CONSTRAINT \"odd check\" CHECK ((VALUE <> ''::text))"
        ),
        'check "late" of s.d': 'ALTER DOMAIN "s"."d" ADD CONSTRAINT "late" CHECK (true) NOT VALID',
    }


def test_a_table_with_everything() -> None:
    identity = SequenceDefinition(
        9, QualifiedName("public", "T_id_seq"), "bigint", 100, 10, 1, 9000, 1, False, 1, "id", True
    )
    c = 'pg_catalog."C"'
    full = table(
        name=ODD,
        columns=(
            ColumnDefinition("id", "bigint", not_null=True, identity="a"),
            ColumnDefinition("Mixed Case", "text", c, True, default="'a'::text", default_oid=21),
            ColumnDefinition("lowered", "text", generated="s", default='lower("Mixed Case")', default_oid=22),
        ),
        constraints=(ConstraintDefinition(31, 'odd "c" check', "c", "CHECK ((id > 0))"),),
        options=("fillfactor=70",),
    )
    (draft,) = table_drafts(tables(full), [identity], POSTGRESQL_18)

    options = "INCREMENT BY 10 MINVALUE 1 MAXVALUE 9000 START WITH 100 CACHE 1"
    assert draft.sql.replace(options, "OPTIONS") == dedent(
        """\
        CREATE TABLE "Odd.Schema"."select ""x"" y" (
            "id" bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "public"."T_id_seq" OPTIONS) NOT NULL,
            "Mixed Case" text COLLATE pg_catalog."C" DEFAULT 'a'::text NOT NULL,
            "lowered" text GENERATED ALWAYS AS (lower("Mixed Case")) STORED,
            CONSTRAINT "odd ""c"" check" CHECK ((id > 0))
        ) WITH (fillfactor='70')"""
    )
    assert draft.makes == {relation(1), relation(9), default(21), default(22), constraint(31)}
    assert draft.home == "Odd.Schema"


def test_a_table_without_columns() -> None:
    assert sql(table_drafts(tables(table(columns=())), [], POSTGRESQL_18)) == {
        "table public.t": 'CREATE TABLE "public"."t" ()'
    }


def test_a_virtual_column_is_stored_where_the_target_knows_no_virtual_ones() -> None:
    columns = (ColumnDefinition("v", "int", generated="v", default="1"),)
    virtual = tables(table(columns=columns))

    assert "(1) VIRTUAL" in sql(table_drafts(virtual, [], POSTGRESQL_18))["table public.t"]
    assert "(1) STORED" in sql(table_drafts(virtual, [], POSTGRESQL_16))["table public.t"]


def test_a_split_table_gets_defaults_and_checks_afterwards() -> None:
    knotted = table(
        columns=(ColumnDefinition("a", "text", default="f()", default_oid=21),),
        constraints=(ConstraintDefinition(31, "c", "c", "CHECK (ok(t.*))"),),
    )
    drafts = list(table_drafts(tables(knotted), [], POSTGRESQL_18, frozenset({1})))

    assert sql(drafts) == {
        "table public.t": 'CREATE TABLE "public"."t" (\n    "a" text\n)',
        'default of column "a" of public.t': 'ALTER TABLE ONLY "public"."t" ALTER COLUMN "a" SET DEFAULT f()',
        'check "c" of public.t': 'ALTER TABLE "public"."t" ADD CONSTRAINT "c" CHECK (ok(t.*))',
    }
    assert all(relation(1) in draft.needs for draft in drafts[1:])


def test_an_unvalidated_check_comes_after_the_rows() -> None:
    loose = table(
        constraints=(ConstraintDefinition(31, "c", "c", "CHECK (id > 0) NOT VALID", validated=False),)
    )
    first, late = table_drafts(tables(loose), [], POSTGRESQL_18)

    assert "CHECK" not in first.sql
    assert (late.section, late.section.before_data) == (Section.LATE_CHECK, False)


def inherited(name: str, **more: object) -> ColumnDefinition:
    return ColumnDefinition(name, "text", local=False, **more)  # type: ignore[arg-type]


def test_a_child_says_what_it_does_not_inherit() -> None:
    base = table(
        1,
        QualifiedName("public", "base"),
        columns=(ColumnDefinition("a", "text", default="'a'"), ColumnDefinition("b", "text", not_null=True)),
        constraints=(ConstraintDefinition(31, "positive", "c", "CHECK (true)"),),
    )
    child = table(
        2,
        QualifiedName("public", "child"),
        columns=(
            inherited("a", default="'child'", not_null=True),
            ColumnDefinition("b", "text", not_null=True),
            ColumnDefinition("own", "int"),
        ),
        constraints=(
            ConstraintDefinition(32, "positive", "c", "CHECK (true)", local=False),
            ConstraintDefinition(33, "mine", "c", "CHECK (own > 0)"),
        ),
        parents=(1, 99),
    )
    grandchild = table(
        3,
        QualifiedName("public", "grandchild"),
        columns=(
            inherited("a", default="'child'", not_null=True),
            inherited("b", not_null=True),
            inherited("own"),
        ),
        parents=(2,),
    )
    made = sql(table_drafts(tables(base, child, grandchild), [], POSTGRESQL_18))

    assert made["table public.child"] == (
        'CREATE TABLE "public"."child" (\n    "b" text,\n    "own" int,\n'
        '    CONSTRAINT "mine" CHECK (own > 0)\n) INHERITS ("public"."base")'
    )
    assert made["table public.grandchild"].endswith('"grandchild" () INHERITS ("public"."child")')
    assert made['default of column "a" of public.child'].endswith("SET DEFAULT 'child'")
    assert made['not null of column "a" of public.child'].endswith('ALTER COLUMN "a" SET NOT NULL')
    # It was made when the child still had its parent's default.
    assert made['default of column "a" of public.grandchild'].endswith("SET DEFAULT 'child'")


def test_a_child_of_a_parent_outside_stands_alone() -> None:
    child = table(
        2,
        columns=(inherited("a"),),
        constraints=(ConstraintDefinition(32, "c", "c", "CHECK (true)", local=False),),
        parents=(1,),
    )

    assert sql(table_drafts(tables(child), [], POSTGRESQL_18)) == {
        "table public.t": 'CREATE TABLE "public"."t" (\n    "a" text,\n    CONSTRAINT "c" CHECK (true)\n)'
    }


def test_partitions_are_written_in_full_and_attached() -> None:
    root = table(1, QualifiedName("public", "root"), kind="p", partition_key="RANGE (id)")
    part = table(
        2,
        QualifiedName("p.q", "part"),
        columns=(inherited("id"),),
        parents=(1,),
        partition_bound="DEFAULT",
    )

    assert sql(table_drafts(tables(root, part), [], POSTGRESQL_18)) == {
        "table public.root": (
            'CREATE TABLE "public"."root" (\n    "id" bigint NOT NULL\n) PARTITION BY RANGE (id)'
        ),
        'table "p.q".part': 'CREATE TABLE "p.q"."part" (\n    "id" text\n)',
        'partition "p.q".part of public.root': (
            'ALTER TABLE ONLY "public"."root" ATTACH PARTITION "p.q"."part" DEFAULT'
        ),
    }


def test_a_distributed_target_is_told_where_rows_live() -> None:
    here = Placements({1: Placement(distributed_by("id", 'odd "c"'))})

    (draft,) = table_drafts(tables(table()), [], GREENPLUM, placements=here)

    assert draft.sql.endswith(') DISTRIBUTED BY ("id", "odd ""c""")')


def test_sequences_and_whose_they_are() -> None:
    serial = SequenceDefinition(9, ODD, "integer", -1, -1, -2147483648, -1, 5, True, 1, "odd id")
    drafts = list(sequence_drafts([serial], tables(table())))

    assert [draft.sql for draft in drafts] == [
        (
            'CREATE SEQUENCE "Odd.Schema"."select ""x"" y" AS integer '
            "INCREMENT BY -1 MINVALUE -2147483648 MAXVALUE -1 START WITH -1 CACHE 5 CYCLE"
        ),
        'ALTER SEQUENCE "Odd.Schema"."select ""x"" y" OWNED BY "public"."t"."odd id"',
    ]
    assert drafts[1].needs == {relation(9), relation(1)}


def test_functions_do_not_replace_what_the_target_has() -> None:
    body = "CREATE OR REPLACE FUNCTION s.f()\n RETURNS text\nAS 'CREATE OR REPLACE FUNCTION x'\n"

    assert sql(function_drafts([FunctionDefinition(1, QualifiedName("s", "f"), "a integer", body)])) == {
        "function s.f(a integer)": "CREATE FUNCTION s.f()\n RETURNS text\nAS 'CREATE OR REPLACE FUNCTION x'"
    }


def test_aggregates() -> None:
    options = {"sfunc": "s.acc", "stype": "text", "initcond": "'it''s'", "hypothetical": ""}
    item = AggregateDefinition(1, QualifiedName("s", "cat"), "text", "VARIADIC x text[]", options)

    assert sql(aggregate_drafts([item])) == {
        "aggregate s.cat(text)": (
            'CREATE AGGREGATE "s"."cat"(VARIADIC x text[]) (\n    SFUNC = s.acc,\n    STYPE = text,\n'
            "    INITCOND = 'it''s',\n    HYPOTHETICAL\n)"
        )
    }


def test_views() -> None:
    views = [
        ViewDefinition(1, ODD, " SELECT 1;", ("check_option=local",)),
        ViewDefinition(2, QualifiedName("s", "m"), " SELECT 2;", materialized=True),
        ViewDefinition(3, QualifiedName("s", "e"), " SELECT 3;", materialized=True, populated=False),
    ]

    assert list(sql(view_drafts(views)).values()) == [
        'CREATE VIEW "Odd.Schema"."select ""x"" y" WITH (check_option=\'local\') AS\nSELECT 1',
        'CREATE MATERIALIZED VIEW "s"."m" AS\nSELECT 2\nWITH DATA',
        'CREATE MATERIALIZED VIEW "s"."e" AS\nSELECT 3\nWITH NO DATA',
    ]


def test_names_of_functions_with_a_hundred_arguments_stay_apart() -> None:
    def name(last: str) -> str:
        arguments = ", ".join([f"argument_{n} double precision" for n in range(100)] + [last])
        (draft,) = function_drafts([FunctionDefinition(1, T, arguments, "CREATE OR REPLACE FUNCTION ...")])
        return draft.object

    assert name("integer") != name("text")
    assert len(name("integer")) < 500
