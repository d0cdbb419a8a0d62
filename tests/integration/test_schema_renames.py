"""What is renamed on the way is what ALTER ... RENAME would have made of the source, by pg_dump's word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database, Server, fresh_database
from tests.dumps import differences, schema_of
from tests.integration.test_schema_dumps import make_torture

SQL = Path(__file__).parent / "sql"


def sync(source: Database, target: Database, **said: object) -> Sync:
    config = SyncConfig.model_validate(
        {"sync_id": "renames", "source": "a", "target": "b", "load": {"retry_for": "1min"}, **said}
    )
    return Sync(config, source.endpoint, target.endpoint)


def carry(this: Sync) -> dict[str, str]:
    schema.create(this)
    schema.finish(this)
    result = schema.validate(this)
    schema.activate(this)
    return dict(line.split(": ", 1) for line in result.left_out)


TORTURE = {
    "objects": {"schemas": ["shop", "Odd.Schema", "aux"]},
    "names": {"schemas": {"shop": "the store", "aux": "shop"}},
    "tables": {
        "shop.customer": {
            "name": "client",
            "columns": {
                "id": "Mixed Case",
                "Mixed Case": "id",
                "select": "from",
                "日本語": "name",
                "c": "cs",
                "cs": "c",
            },
        },
        "shop.stored": {"name": "kept", "columns": {"id": "no", "v": "version", "outside": "in side"}},
        "shop.heir": {"columns": {"id": "no", "v": "version", "outside": "in side"}},
        "shop.event": {"columns": {"id": "event id", "at": "day", "payload": "load"}},
        "shop.base": {"name": "root", "columns": {"id": "base id", "a": "b c"}},
        "shop.child": {"columns": {"id": "base id", "a": "b c", "extra": "more"}},
        "aux.grandchild": {"columns": {"id": "base id", "a": "b c", "extra": "more"}},
        "shop.circle": {"name": "ring", "columns": {"v": "w", "w": "v"}},
        "shop.keyless": {"columns": {"a": "alpha", "b": "beta"}},
        '"Odd.Schema"."table"': {
            "name": "view",
            "columns": {"a.b": 'quote"quote', "user": "order", "order": "user"},
        },
    },
}
BY_HAND = """
ALTER TABLE shop.customer RENAME TO client;
ALTER TABLE shop.client RENAME id TO x1;
ALTER TABLE shop.client RENAME "Mixed Case" TO id;
ALTER TABLE shop.client RENAME x1 TO "Mixed Case";
ALTER TABLE shop.client RENAME "select" TO "from";
ALTER TABLE shop.client RENAME "日本語" TO name;
ALTER TABLE shop.client RENAME c TO x1;
ALTER TABLE shop.client RENAME cs TO c;
ALTER TABLE shop.client RENAME x1 TO cs;
ALTER TABLE shop.stored RENAME TO kept;
ALTER TABLE shop.kept RENAME id TO no;
ALTER TABLE shop.kept RENAME v TO version;
ALTER TABLE shop.kept RENAME outside TO "in side";
ALTER TABLE shop.event RENAME id TO "event id";
ALTER TABLE shop.event RENAME at TO day;
ALTER TABLE shop.event RENAME payload TO load;
ALTER TABLE shop.base RENAME TO root;
ALTER TABLE shop.root RENAME id TO "base id";
ALTER TABLE shop.root RENAME a TO "b c";
ALTER TABLE shop.child RENAME extra TO more;
ALTER TABLE shop.circle RENAME TO ring;
ALTER TABLE shop.ring RENAME v TO x1;
ALTER TABLE shop.ring RENAME w TO v;
ALTER TABLE shop.ring RENAME x1 TO w;
ALTER TABLE shop.keyless RENAME a TO alpha;
ALTER TABLE shop.keyless RENAME b TO beta;
ALTER TABLE "Odd.Schema"."table" RENAME TO view;
ALTER TABLE "Odd.Schema".view RENAME "a.b" TO "quote""quote";
ALTER TABLE "Odd.Schema".view RENAME "user" TO x1;
ALTER TABLE "Odd.Schema".view RENAME "order" TO "user";
ALTER TABLE "Odd.Schema".view RENAME x1 TO "order";
ALTER SCHEMA shop RENAME TO "the store";
ALTER SCHEMA aux RENAME TO shop;
"""


# The server names a table by its new name where nothing says otherwise; the old one stays as an alias here.
ALIASES = {
    ".client customer": ".client",
    ".kept stored": ".kept",
    '.view "table"': ".view",
    ".ring circle ": ".ring ",
    "circle.id": "ring.id",
}


def without_aliases(text: str) -> str:
    for alias, plain in ALIASES.items():
        text = text.replace(alias, plain)
    return text


def with_new_schemas(text: str) -> str:
    """Bodies that are text, which ALTER ... RENAME leaves alone."""
    head, delimiter, body = text.partition("\n    AS $")
    body = re.sub(r"\bshop\.", '"the store".', body)
    text = f"{head}{delimiter}{body}"
    text = text.replace("aux.elsewhere", '"shop"."elsewhere"')
    return text.replace("search_path TO 'shop'", "search_path TO 'the store'")


@pytest.mark.requires(source=15, target=15)  # NULLS NOT DISTINCT
def test_torture(target_server: Server) -> None:
    with fresh_database(target_server, "source") as source, fresh_database(target_server, "target") as target:
        make_torture(source)
        left_out = carry(sync(source, target, **TORTURE))
        source.execute(BY_HAND)
        there = {
            name: with_new_schemas(text) if name.startswith("FUNCTION ") else text
            for name, text in schema_of(source, firing=True).items()
        }
        here = {
            name: text if name.startswith("FUNCTION ") else without_aliases(text)
            for name, text in schema_of(target, firing=True).items()
        }

        assert set(differences(there, here)) == {
            "PROCEDURE the store.proc(integer, text)",
            "COMMENT the store.PROCEDURE proc(IN a integer, INOUT b text)",
        }
        assert left_out == {
            "procedure shop.proc(IN a integer, INOUT b text)": "its SQL can't be rewritten surely under "
            "the target's names: it names shop.made_later, which the sync does not know, in a schema that is "
            "renamed"
        }


def quoted_names(dump: Mapping[str, str]) -> set[str]:
    """Every name in a dump that stands in quotes, outside of strings."""
    return {
        name
        for text in dump.values()
        for name in re.findall(r'"((?:[^"]|"")+)"', re.sub(r"'(?:[^']|'')*'|--[^\n]*", "", text))
    }


@pytest.mark.requires(source=14, target=14)  # BEGIN ATOMIC
def test_a_mixed_case_schema_in_lower_case(target_server: Server) -> None:
    with fresh_database(target_server, "source") as source, fresh_database(target_server, "target") as target:
        source.psql_file(SQL / "renamed_shop.sql")
        said = {"objects": {"schemas": ["Shop"]}, "names": {"case": "lower"}}
        left_out = carry(sync(source, target, **said))

        there = schema_of(target, firing=True)
        arrived = {name.lower().replace('"', "") for name in there}
        before = schema_of(source, firing=True)
        assert [name for name in before if name.lower().replace('"', "") not in arrived] == [
            "FUNCTION Shop.Dynamic()"
        ]
        # Inside of queries, aliases and the names of columns that a function returns stay.
        inside = {name for name in there if name.startswith(("VIEW", "POLICY", "FUNCTION shop.atomic"))}
        outside = {name: text for name, text in there.items() if name not in inside}
        assert {name for name in quoted_names(outside) if name != name.lower()} == set()
        assert list(left_out) == ["function Shop.Dynamic()"]
        target.execute(
            """
            INSERT INTO shop.customer (name) VALUES ('Ann');
            INSERT INTO shop."order" (customerid, amount) VALUES (1, 20);
            """
        )
        assert target.fetch('SELECT note, shop.sumof(1), shop.nextfree() FROM shop."order"') == [
            ('Ann\'s "Order"', 20, 1)
        ]
        assert target.fetch("SELECT name FROM shop.big") == [("Ann",)]
        assert target.fetch("SELECT amount FROM shop.atomic()") == [(20,)]


RENAMED = {
    "objects": {"schemas": ["Shop"]},
    "names": {"schemas": {"Shop": "store"}},
    "tables": {
        "Shop.Customer": {"name": "people.client", "columns": {"Id": "no", "Name": "called"}},
        "Shop.Order": {
            "name": "purchase",
            "columns": {"Id": "no", "CustomerId": "client", "Amount": {"name": "price", "type": "float8"}},
            "extra": {"origin": {"type": "text", "value": "'eu'"}, "Amount": {"type": "int", "value": "1"}},
        },
    },
}


@pytest.mark.requires(source=14, target=14)  # BEGIN ATOMIC
def test_functions_and_views_work_under_new_names(target_server: Server) -> None:
    with fresh_database(target_server, "source") as source, fresh_database(target_server, "target") as target:
        source.psql_file(SQL / "renamed_shop.sql")
        left_out = carry(sync(source, target, **RENAMED))

        assert list(left_out) == ["function Shop.Atomic()", "function Shop.Dynamic()"]
        target.execute(
            """
            INSERT INTO people.client (called) VALUES ('Ann');
            INSERT INTO store.purchase (client, price, origin, "Amount") VALUES (1, 20, 'eu', 1);
            """
        )
        assert target.fetch('SELECT note, store."SumOf"(1), store."NextFree"() FROM store.purchase') == [
            ('Ann\'s "Order"', 20, 1)
        ]
        assert target.fetch('SELECT "Name" FROM store."Big"') == [("Ann",)]
        columns = target.fetch(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'purchase' "
            "ORDER BY ordinal_position"
        )
        assert columns == [
            ("no",),
            ("client",),
            ("price",),
            ("note",),
            ("origin",),
            ("Amount",),
        ]


LEFT_OUT = {
    "objects": {"schemas": ["Shop"]},
    "tables": {
        "Shop.Order": {"columns": {"Amount": False}, "primary_key": ["CustomerId", "Id"]},
        "Shop.Customer": {"columns": {"Lower": False}},
    },
}


@pytest.mark.requires(source=14, target=14)  # BEGIN ATOMIC
def test_what_needs_a_column_that_is_left_out_is_named_and_left_out(target_server: Server) -> None:
    with fresh_database(target_server, "source") as source, fresh_database(target_server, "target") as target:
        source.psql_file(SQL / "renamed_shop.sql")
        this = sync(source, target, **LEFT_OUT)
        with connect(this.source) as here, connect(this.target) as there:
            findings = {finding.subject: finding for finding in schema.unsupported(here, there, this.config)}
        left_out = carry(this)

        needs = "it needs column Amount of Shop.Order, which is left out"
        unclear = "its SQL can't be rewritten surely under the target's names: it"
        assert left_out == {
            "function Shop.Atomic()": f"{unclear} returns rows of Shop.Order, which has other columns there",
            "function Shop.SumOf(customer integer)": f"{unclear} names Amount, which may be a column that is "
            "left out",
            "statistics Shop.Both": needs,
            'trigger "Touch It" on "Shop"."Order"': needs,
            "view Shop.Big": "it needs view Shop.Totals, which is not carried",
            "view Shop.Totals": needs,
            'index Shop."By Amount" of Shop.Order': needs,
        }
        assert left_out.keys() <= findings.keys()
        keys = target.fetch(
            "SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint "
            """WHERE contype IN ('p', 'u') AND conrelid = '"Shop"."Order"'::regclass ORDER BY 1"""
        )
        assert keys == [
            ("Order_pkey", 'PRIMARY KEY ("CustomerId", "Id")'),
            ("The Key", 'UNIQUE ("Id")'),
        ]


def test_names_that_meet_are_refused_before_anything_is_made(
    source_db: Database, target_db: Database
) -> None:
    source_db.execute('CREATE TABLE t (id int); CREATE INDEX "I" ON t (id); CREATE INDEX i ON t (id)')
    said = {"objects": {"schemas": ["public"]}, "names": {"case": "lower"}}
    with pytest.raises(ConfigError, match="would have one name"):
        carry(sync(source_db, target_db, **said))
    assert target_db.fetch("SELECT 1 FROM pg_class WHERE relname = 't'") == []


PAYMENTS = ("payment", *(f"payment_p2007_0{month}" for month in range(1, 7)))
PAGILA = {
    "objects": {"schemas": ["public"]},
    "names": {"schemas": {"public": "rental"}},
    "tables": {
        "public.customer": {"name": "client", "columns": {"customer_id": "id"}},
        "public.film": {"name": "movie", "columns": {"film_id": "no"}},
        **{
            f"public.{table}": {"columns": {"amount": "Amount Paid", "payment_date": "at"}}
            for table in PAYMENTS
        },
    },
}
PAGILA_BY_HAND = """
ALTER TABLE customer RENAME customer_id TO id;
ALTER TABLE customer RENAME TO client;
ALTER TABLE film RENAME film_id TO no;
ALTER TABLE film RENAME TO movie;
ALTER TABLE payment RENAME amount TO "Amount Paid";
ALTER TABLE payment RENAME payment_date TO at;
ALTER SCHEMA public RENAME TO rental;
"""


def test_pagila(target_server: Server, samples: Path) -> None:
    with fresh_database(target_server, "source") as source, fresh_database(target_server, "target") as target:
        source.psql_file(samples / "pagila-schema.sql", stop_on_error=False)
        left_out = carry(sync(source, target, **PAGILA))
        source.execute(PAGILA_BY_HAND)

        there, here = schema_of(source, firing=True), schema_of(target, firing=True)
        here = {
            name: text.replace("rental.movie film", "rental.movie").replace("film.", "movie.")
            if name.startswith("VIEW")
            else text
            for name, text in here.items()
        }
        assert set(differences(there, here)) == {
            "COMMENT SCHEMA rental",
            "FUNCTION rental.get_customer_balance(integer, timestamp without time zone)",
            "FUNCTION rental.rewards_report(integer, numeric)",
        }
        (report,) = left_out.values()
        assert report.endswith("it puts SQL together, from a text that names amount")
        balance = here["FUNCTION rental.get_customer_balance(integer, timestamp without time zone)"]
        assert "WHERE movie.no = inventory.film_id" in balance
        assert 'SUM(payment."Amount Paid")' in balance
