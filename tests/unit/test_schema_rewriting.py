"""New names in the server's own text: exactly the names of objects change, whatever they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.model import QualifiedName, quote_identifier
from airflow_adbsync.engine.schema.renaming import Names, Unclear, rewritten
from airflow_adbsync.engine.schema.renaming.bodies import Body, Relation, Vocabulary, rewritten_body
from airflow_adbsync.engine.schema.renaming.functions import rewritten_function
from airflow_adbsync.engine.schema.renaming.tokens import Token, quoted, string, tokens

ORDERS, CLIENTS = QualifiedName("shop", "orders"), QualifiedName("shop", "clients")
NAMES = Names(
    relations={
        ORDERS: QualifiedName("store", "purchases"),
        CLIENTS: QualifiedName("store", "clients"),
        QualifiedName("shop", "seq"): QualifiedName("store", "seq"),
    },
    routines={QualifiedName("shop", "fn"): QualifiedName("store", "fn")},
    schemas={"shop": "store"},
)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(TEXT)
def test_tokens_lose_nothing(sql: str) -> None:
    assert "".join(token.text for token in tokens(sql)) == sql


@given(TEXT, TEXT)
def test_names_and_strings_are_tokens_whatever_they_hold(name: str, text: str) -> None:
    read = tokens(f"{quote_identifier(name)}.{string(text).text}")
    assert [found.identifier for found in read] == [name, None, None]
    assert read[2].string == text


@given(TEXT, TEXT, TEXT, TEXT)
def test_a_name_is_replaced_and_nothing_else(schema: str, name: str, new_schema: str, new: str) -> None:
    old, target = QualifiedName(schema, name), QualifiedName(new_schema, new)
    names = Names(relations={old: target})
    around = f"SELECT {string(old.sql).text}, x FROM {{}} x WHERE x.{quote_identifier(name)} = 1"
    found = rewritten(around.replace("{}", old.sql), names, query=True)
    assert [token.text for token in tokens(found)] == [
        token.text for token in tokens(around.replace("{}", target.sql))
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT orders.id FROM shop.orders", 'SELECT orders.id FROM "store"."purchases" AS "orders"'),
        ("SELECT o.id FROM shop.orders o", 'SELECT o.id FROM "store"."purchases" o'),
        ("FROM shop.orders o(a, b)", 'FROM "store"."purchases" o(a, b)'),
        ("FROM shop.clients", 'FROM "store".clients'),
        ("FROM (shop.orders JOIN shop.clients ON (true))", None),
        ("SELECT shop.fn((orders.*)::shop.orders) FROM shop.orders", None),
        ("nextval('shop.seq'::regclass)", "nextval('\"store\".seq'::regclass)"),
        ("nextval(('shop.seq'::text)::regclass)", "nextval(('\"store\".seq'::text)::regclass)"),
        ("'shop.orders'::text", "'shop.orders'::text"),
        ("OPERATOR(shop.===)", 'OPERATOR("store".===)'),
        ("shop.*", "shop.*"),
        ("UPDATE shop.orders SET a = 1", 'UPDATE "store"."purchases" AS "orders" SET a = 1'),
        ("INSERT INTO shop.orders (a)", 'INSERT INTO "store"."purchases" AS "orders" (a)'),
    ],
)
def test_the_servers_queries(sql: str, expected: str | None) -> None:
    special = {
        "FROM (shop.orders JOIN shop.clients ON (true))": 'FROM ("store"."purchases" AS "orders" JOIN '
        '"store".clients ON (true))',
        "SELECT shop.fn((orders.*)::shop.orders) FROM shop.orders": 'SELECT "store".fn((orders.*)::'
        '"store"."purchases") FROM "store"."purchases" AS "orders"',
    }
    assert rewritten(sql, NAMES, query=True) == (expected or special[sql])


def test_what_may_be_a_column_is_not_touched() -> None:
    names = Names(relations={QualifiedName("orders", "items"): QualifiedName("store", "items")})
    assert rewritten("SELECT orders.items FROM orders.orders", names, query=True) == (
        "SELECT orders.items FROM orders.orders"
    )
    with pytest.raises(Unclear, match="may be a column or an object"):
        rewritten("SELECT 1, orders.items FROM orders.orders", names, query=True)


def test_the_head_of_a_function() -> None:
    sql = (
        "CREATE FUNCTION shop.fn(shop.orders, o shop.orders) RETURNS SETOF shop.orders\n LANGUAGE sql\n"
        " SET search_path TO 'shop', 'pg_temp'\nBEGIN ATOMIC\n SELECT orders.id FROM shop.orders;\nEND"
    )
    assert rewritten_function(sql, NAMES) == (
        'CREATE FUNCTION "store".fn("store"."purchases", o "store"."purchases") '
        'RETURNS SETOF "store"."purchases"\n'
        " LANGUAGE sql\n SET search_path TO 'store', 'pg_temp'\nBEGIN ATOMIC\n"
        ' SELECT orders.id FROM "store"."purchases" AS "orders";\nEND'
    )


KNOWN = Vocabulary(
    NAMES,
    {
        ORDERS: Relation(ORDERS, {"id": "order_id", "note": "", "client": "client"}),
        CLIENTS: Relation(CLIENTS, {"id": "id", "name": "called"}),
    },
    words=frozenset({"name", "select"}),
)


def body(text: str, language: str = "sql", **more: frozenset[QualifiedName]) -> str:
    return rewritten_body(Body(text, language, frozenset({"given"}), **more), KNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT id FROM shop.orders", "SELECT order_id FROM store.purchases"),
        ("SELECT Id FROM Shop.Orders -- id", "SELECT order_id FROM store.purchases -- id"),
        ('SELECT orders."id" FROM shop.orders', 'SELECT purchases."order_id" FROM store.purchases'),
        ("SELECT id FROM shop.clients", "SELECT id FROM store.clients"),
        ("SELECT 'id', c.id, o.id FROM shop.orders AS o, shop.clients c WHERE client = 1", None),
        ("SELECT c.name FROM shop.clients c", "SELECT c.called FROM store.clients c"),
        ("SELECT 1 AS id", "SELECT 1 AS id"),
        ("SELECT nextval('shop.seq'), 'shop.seq'", "SELECT nextval('\"store\".\"seq\"'), 'shop.seq'"),
        ("SELECT shop.fn(1)", "SELECT store.fn(1)"),
        ("SELECT order_by FROM pg_catalog.pg_class", "SELECT order_by FROM pg_catalog.pg_class"),
    ],
)
def test_bodies_where_names_mean_one_thing(text: str, expected: str | None) -> None:
    mixed = "SELECT 'id', c.id, o.order_id FROM store.purchases AS o, store.clients c WHERE client = 1"
    assert body(text) == (expected or mixed)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELECT id FROM shop.orders, shop.clients", "id in it may be id or order_id"),
        ("SELECT note FROM shop.orders", "may be a column that is left out"),
        ("SELECT id, order_id FROM shop.orders", "uses that name already"),
        ("SELECT name FROM shop.clients", "SQL's own word"),
        ("SELECT * FROM shop.unknown", "the sync does not know"),
        ("SELECT shop.orders FROM x AS shop", "a column or an object"),
    ],
)
def test_bodies_where_they_do_not_are_refused(text: str, why: str) -> None:
    with pytest.raises(Unclear, match=why):
        body(text)


def test_rows_of_triggers_and_texts_that_are_run() -> None:
    on_orders = {"triggered_by": frozenset({ORDERS})}
    assert body("BEGIN NEW.id := OLD.id; END", "plpgsql", **on_orders) == (
        "BEGIN NEW.order_id := OLD.order_id; END"
    )
    both = {"triggered_by": frozenset({ORDERS, CLIENTS})}
    with pytest.raises(Unclear):
        body("BEGIN NEW.id := 1; END", "plpgsql", **both)
    with pytest.raises(Unclear, match="puts SQL together"):
        body("BEGIN EXECUTE 'DELETE FROM shop.orders'; END", "plpgsql")
    with pytest.raises(Unclear, match="plpython3u, is not analysed"):
        body("plpy.execute('SELECT id FROM x')", "plpython3u")
    assert body("return 1", "plpython3u") == "return 1"


def test_a_written_name_reads_back() -> None:
    assert quoted('a"b') == Token(quoted("x").sort, '"a""b"')
