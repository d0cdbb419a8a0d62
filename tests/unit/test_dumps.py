"""The comparer of dumps sees what differs, and nothing else."""

from __future__ import annotations

import pytest

from tests.dumps import differences, parsed

HEAD = """--
-- PostgreSQL database dump
--

\\restrict {token}

-- Dumped from database version {version}
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

"""
TAIL = """--
-- PostgreSQL database dump complete
--

\\unrestrict {token}

"""


def entry(name: str, kind: str, sql: str, schema: str = "shop", owner: str = "-") -> str:
    return f"--\n-- Name: {name}; Type: {kind}; Schema: {schema}; Owner: {owner}\n--\n\n{sql}\n\n\n"


def dump(*entries: str, token: str = "a", version: str = "16.14") -> str:
    return HEAD.format(token=token, version=version) + "".join(entries) + TAIL.format(token=token)


TABLE = entry("t", "TABLE", "CREATE TABLE shop.t (\n    id integer\n);")
INDEX = entry("i", "INDEX", "CREATE INDEX i ON shop.t USING btree (id);")
TRIGGER = "CREATE TRIGGER tr BEFORE INSERT ON shop.t FOR EACH ROW EXECUTE FUNCTION shop.f();"
RULE = "CREATE RULE ru AS ON DELETE TO shop.t DO INSTEAD NOTHING;"


def test_versions_owners_tokens_and_the_order_do_not_count() -> None:
    one = dump(TABLE, INDEX, token="x", version="16.14")
    other = dump(INDEX, TABLE.replace("Owner: -", "Owner: somebody"), token="y", version="18.4")
    assert parsed(one) == parsed(other)
    assert set(parsed(one)) == {"TABLE shop.t", "INDEX shop.i"}
    assert differences(parsed(one), parsed(other)) == {}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (TABLE.replace("integer", "bigint"), {"TABLE shop.t"}),
        (TABLE + INDEX, {"INDEX shop.i"}),
        (TABLE.replace("Schema: shop", "Schema: other"), {"TABLE shop.t", "TABLE other.t"}),
        ("", {"TABLE shop.t"}),
    ],
)
def test_what_differs_is_named(changed: str, named: set[str]) -> None:
    assert set(differences(parsed(dump(TABLE)), parsed(dump(changed)))) == named


def test_the_lines_that_differ_are_shown() -> None:
    found = differences(parsed(dump(TABLE)), parsed(dump(TABLE.replace("integer", "bigint"))))
    assert "-    id integer" in found["TABLE shop.t"]
    assert "+    id bigint" in found["TABLE shop.t"]


def test_what_may_differ_is_let_through_by_its_whole_name() -> None:
    here, there = parsed(dump(TABLE, INDEX)), parsed(dump())
    assert set(differences(here, there, [r"INDEX shop\.\w"])) == {"TABLE shop.t"}
    assert set(differences(here, there, ["INDEX shop"])) == {"TABLE shop.t", "INDEX shop.i"}


def test_the_last_object_ends_where_the_dump_does() -> None:
    assert parsed(dump(TABLE))["TABLE shop.t"].endswith(");")


def test_a_function_may_hold_lines_like_a_dump() -> None:
    body = "CREATE FUNCTION shop.f() RETURNS text LANGUAGE sql AS $$\n--\n-- Name: no header\n--\nSELECT 1$$;"
    found = parsed(dump(entry("f()", "FUNCTION", body), TABLE))
    assert set(found) == {"FUNCTION shop.f()", "TABLE shop.t"}
    assert found["FUNCTION shop.f()"] == body


def test_an_access_method_belongs_to_its_table() -> None:
    heap = "SET default_table_access_method = heap;\n\n"
    other = "SET default_table_access_method = columnar;\n\n"
    found = parsed(dump(heap, TABLE, other, TABLE.replace("Name: t", "Name: u"), heap, INDEX))
    assert found["TABLE shop.u"].endswith("-- access method columnar")
    assert "access method" not in found["TABLE shop.t"]
    assert "SET" not in "".join(found.values())


@pytest.mark.parametrize(
    ("kind", "sql", "state"),
    [
        ("TRIGGER", TRIGGER, "ALTER TABLE shop.t DISABLE TRIGGER tr;"),
        ("TRIGGER", TRIGGER, "ALTER TABLE shop.t ENABLE REPLICA TRIGGER tr;"),
        ("RULE", RULE, "ALTER TABLE shop.t DISABLE RULE ru;"),
        ("RULE", RULE, 'ALTER TABLE shop.t DISABLE RULE "line\nbreak; ""quoted""";'),
    ],
)
def test_whether_something_fires_counts_only_when_asked(kind: str, sql: str, state: str) -> None:
    fires, quiet = dump(entry("t x", kind, sql)), dump(entry("t x", kind, f"{sql}\n{state}"))
    assert parsed(fires) == parsed(quiet)
    assert parsed(fires, firing=True) != parsed(quiet, firing=True)
    assert parsed(fires) != parsed(dump(entry("t x", kind, sql.replace("shop.t", "shop.u"))))


def test_what_the_server_brings_does_not_count() -> None:
    found = dump(
        entry("public", "SCHEMA", "CREATE SCHEMA public;", schema="-"),
        entry("SCHEMA public", "COMMENT", "COMMENT ON SCHEMA public IS 'x';", schema="-"),
        entry("vector", "EXTENSION", "CREATE EXTENSION vector;", schema="-"),
        TABLE,
    )
    assert set(parsed(found)) == {"TABLE shop.t"}


def test_names_of_not_nulls_count_only_when_asked() -> None:
    named = parsed(dump(TABLE.replace("integer", 'integer CONSTRAINT "odd "" name" NOT NULL')))
    plain = parsed(dump(TABLE.replace("integer", "integer CONSTRAINT t_id_not_null NOT NULL")))
    assert named == plain == parsed(dump(TABLE.replace("integer", "integer NOT NULL"))) != parsed(dump(TABLE))
    text = dump(TABLE.replace("integer", "integer CONSTRAINT x NOT NULL"))
    assert parsed(text, not_null_names=True) != parsed(text)
