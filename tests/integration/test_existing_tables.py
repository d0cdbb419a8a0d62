"""Tables that the target has already, and that are kept."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine import precheck, schema
from airflow_adbsync.engine.config import Objects, SyncConfig
from airflow_adbsync.engine.errors import ConfigError, TableNotEmpty
from airflow_adbsync.engine.model import Finding, Status
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify import verify
from tests.databases import Database
from tests.dumps import schema_of
from tests.integration.replicated import assert_equal, begin, catch_up, load

SOURCE = """
    CREATE TYPE mood AS ENUM ('ok', 'sad');
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
    CREATE TABLE customer (
        id serial PRIMARY KEY, email text UNIQUE, feels mood DEFAULT 'ok', age int CHECK (age > 0));
    CREATE INDEX customer_age ON customer (age);
    CREATE TRIGGER touch BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION touch();
    COMMENT ON TABLE customer IS 'who buys';
    CREATE TABLE purchase (
        id int PRIMARY KEY, customer int REFERENCES customer, email text REFERENCES customer (email));
    CREATE INDEX purchase_customer ON purchase (customer);
    CREATE VIEW adults AS SELECT * FROM customer WHERE age > 17;
    CREATE TABLE event (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE TABLE event_2 PARTITION OF event DEFAULT;
"""
TARGET = """
    CREATE TYPE mood AS ENUM ('ok', 'sad');
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TABLE customer (
        email text, feels mood, age int CHECK (age > 0), id int PRIMARY KEY,
        CONSTRAINT young CHECK (age < 200));
    CREATE TABLE event (id int, at date, PRIMARY KEY (id, at));
    CREATE VIEW adults AS SELECT 1 AS one;
"""
ROWS = """
    INSERT INTO customer (email, age) SELECT 'c' || n, n FROM generate_series(1, 50) n;
    INSERT INTO purchase SELECT n, n, 'c' || n FROM generate_series(1, 50) n;
    INSERT INTO event SELECT n, date '2024-12-01' + n FROM generate_series(1, 100) n;
"""
CHANGES = """
    UPDATE customer SET email = upper(email) WHERE id > 50; DELETE FROM purchase WHERE id % 7 = 0;
    INSERT INTO event VALUES (1000, '2030-01-01'); UPDATE event SET at = at + 1 WHERE id < 20;
    INSERT INTO customer (email, feels, age) VALUES ('new', 'sad', 99);
"""


def sync_of(source: Database, target: Database, tables: object = None, **load_options: str) -> Sync:
    config = SyncConfig(
        sync_id="existing",
        source="a",
        target="b",
        objects=Objects(schemas=("public",)),
        schema={"existing": "ignore"},
        load=load_options,
        tables=tables or {},
    )
    return Sync(config, source.endpoint, target.endpoint)


def findings(this: Sync) -> list[Finding]:
    report = precheck.check(this)
    return [item for item in report.findings if item.check == "conflicting_tables"]


def test_a_table_that_fits_is_kept_as_it_is_and_filled(source_db: Database, target_db: Database) -> None:
    source_db.execute(SOURCE + ROWS)
    target_db.execute(TARGET)
    this = sync_of(source_db, target_db)
    before = schema_of(target_db)

    foretold = findings(this)
    begin(this)
    schema.create(this)
    load(this)
    schema.finish(this)
    source_db.execute(CHANGES)
    catch_up(this, source_db)
    schema.validate(this)
    again = schema.create(this)

    assert_equal(source_db, target_db, ["purchase", "event"])
    assert all(table.equal for table in verify(this))
    assert again.ran == 0
    after = schema_of(target_db)
    assert {name: after[name] for name in before} == before
    assert target_db.fetch("SELECT conname::text, convalidated FROM pg_constraint WHERE contype = 'f'") == [
        ("purchase_customer_fkey", True)
    ]
    assert target_db.value(
        "SELECT to_regclass('event_1') IS NULL AND to_regclass('purchase_customer') IS NOT NULL"
    )
    assert {item.status for item in foretold} == {Status.ALERT}
    function, table, view, reference = sorted(item.found for item in foretold)
    assert function == "Function public.touch() is on the target already and is kept; it is not the source's."
    assert view == "View public.adults is on the target already and is kept; it is not the source's."
    assert reference == (
        "public.purchase: foreign key purchase_email_fkey is left out, for the table that it refers to is "
        "kept and has no such unique key."
    )
    assert table == (
        "Table public.customer is kept on the target as it is, and differs from the source's: the default of "
        "column id is not the same; the default of column feels is not the same; check young is only there; "
        'index public.customer_age is missing; trigger "touch" on public.customer is missing; unique '
        'constraint "customer_email_key" of public.customer is missing.'
    )


MISFITS = {
    "missing": ("(id int PRIMARY KEY)", "column note is missing", 'ADD COLUMN "note" text;'),
    "type": (
        "(id bigint PRIMARY KEY, note text)",
        "column id is bigint instead of integer",
        'ALTER COLUMN "id" TYPE integer;',
    ),
    "not_null": (
        "(id int PRIMARY KEY, note text NOT NULL)",
        "column note takes no NULL, which the source may hold",
        'ALTER COLUMN "note" DROP NOT NULL;',
    ),
    "more": (
        "(id int PRIMARY KEY, note text, more text)",
        "column more is only there",
        'DROP COLUMN "more";',
    ),
    "generated": (
        "(id int PRIMARY KEY, note text GENERATED ALWAYS AS ('x') STORED)",
        "column note is generated on the target only",
        "Drop or rename it",
    ),
    "filled": (
        "(id int PRIMARY KEY, note text); INSERT INTO filled VALUES (1)",
        "holds rows that this sync has not brought",
        "existing_rows: replace",
    ),
    "view": ("", "the target has a view of that name", "Drop or rename it"),
}


def test_what_does_not_fit_is_refused_before_anything_is_changed(
    source_db: Database, target_db: Database
) -> None:
    for name, (columns, _, _) in MISFITS.items():
        source_db.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, note text)")
        target_db.execute(f"CREATE TABLE {name} {columns}" if columns else f"CREATE VIEW {name} AS SELECT 1")
    source_db.execute("CREATE TABLE fine (id int); CREATE TABLE other (id int)")
    target_db.execute("CREATE TABLE fine (id int)")
    this = sync_of(source_db, target_db)

    foretold = {item.subject: item for item in findings(this) if item.status is Status.FAILED}
    with pytest.raises(ConfigError, match="can't be kept") as refused:
        schema.create(this)

    assert foretold.keys() == {f"public.{name}" for name in MISFITS}
    for name, (_, reason, remedy) in MISFITS.items():
        finding = foretold[f"public.{name}"]
        assert reason in finding.found
        assert remedy in finding.remedy
        assert f"{finding.found} {finding.remedy}" in str(refused.value)
    assert target_db.value("SELECT to_regclass('other') IS NULL")


def test_a_table_is_found_under_its_new_name(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE t (id int PRIMARY KEY, note text, gone int); CREATE TABLE u (id int)")
    target_db.execute("CREATE TABLE kept (id int PRIMARY KEY, remark text)")
    shape = {"name": "kept", "columns": {"note": "remark", "gone": False}}
    this = sync_of(source_db, target_db, {"public.t": shape})

    (found,) = findings(this)
    created = schema.create(this)
    schema.finish(this)

    assert "it has other names there" in found.found
    assert created.ran == 1
    assert target_db.value("SELECT to_regclass('t') IS NULL AND to_regclass('u') IS NOT NULL")


def test_rows_that_came_meanwhile_are_not_removed(source_db: Database, target_db: Database) -> None:
    table = "CREATE TABLE t (id int PRIMARY KEY, note text)"
    source_db.execute(f"{table}; INSERT INTO t VALUES (1, 'ours')")
    target_db.execute(table)
    this = sync_of(source_db, target_db)
    begin(this)
    schema.create(this)
    target_db.execute("INSERT INTO t VALUES (2, 'theirs')")

    with pytest.raises(TableNotEmpty, match="holds rows that the load would remove"):
        load(this)
    assert target_db.fetch("SELECT * FROM t") == [(2, "theirs")]

    said = sync_of(source_db, target_db, existing_rows="replace")
    load(said)
    load(this, reload=True)
    assert target_db.fetch("SELECT * FROM t") == [(1, "ours")]


def test_rows_that_stay_and_rows_that_come(source_db: Database, target_db: Database) -> None:
    table = "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, twice int {0}, note text)"
    generated = "GENERATED ALWAYS AS (id * 2) STORED NOT NULL"
    source_db.execute(table.format(generated))
    source_db.execute("INSERT INTO t (note) SELECT 'ours' || n FROM generate_series(1, 4) n")
    target_db.execute(table.format(generated))
    target_db.execute(
        "INSERT INTO t (id, note) OVERRIDING SYSTEM VALUE VALUES (2, 'theirs'), (3, 'theirs'), (9, 'theirs')"
    )
    this = sync_of(source_db, target_db, existing_rows="keep")
    begin(this)
    schema.create(this)
    load(this)

    assert target_db.fetch("SELECT id, twice, note FROM t ORDER BY id") == [
        (1, 2, "ours1"),
        (2, 4, "theirs"),
        (3, 6, "theirs"),
        (4, 8, "ours4"),
        (9, 18, "theirs"),
    ]
    source_db.execute("UPDATE t SET note = 'new' WHERE id = 2; DELETE FROM t WHERE id = 3")
    catch_up(this, source_db)
    assert target_db.fetch("SELECT id, note FROM t ORDER BY id") == [
        (1, "ours1"),
        (2, "new"),
        (4, "ours4"),
        (9, "theirs"),
    ]
    with pytest.raises(TableNotEmpty, match="can't be loaded once more"):
        load(this, reload=True)


def test_rows_that_stay_beside_rows_of_another_shape(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE, cents int, secret text)")
    source_db.execute(
        "INSERT INTO t SELECT n, 'c' || n, n * 100, 'secret' FROM generate_series(1, 8) n;"
        "UPDATE t SET code = 'taken' WHERE id = 7"
    )
    target_db.execute(
        "CREATE SCHEMA store; CREATE TABLE store.u (origin text, total numeric(12, 2), key text UNIQUE, "
        "number int PRIMARY KEY)"
    )
    target_db.execute("INSERT INTO store.u VALUES ('theirs', 1, 'x', 3), ('theirs', 2, 'taken', 90)")
    shape = {
        "name": "store.u",
        "where": "id > 1",
        "columns": {
            "id": "number",
            "code": "key",
            "cents": {"name": "total", "type": "numeric(12,2)", "value": "cents / 100.0"},
            "secret": False,
        },
        "extra": {"origin": {"type": "text", "value": "'ours'"}},
        "operations": ["insert", "update", "delete"],
    }
    this = sync_of(source_db, target_db, tables={"public.t": shape}, existing_rows="keep")
    begin(this)
    schema.create(this)
    load(this)
    schema.finish(this)

    everything = "SELECT number, key, total::text, origin FROM store.u ORDER BY 1"
    loaded = [(n, f"c{n}", f"{n}.00", "ours") for n in (2, 4, 5, 6, 8)]
    theirs = [(3, "x", "1.00", "theirs"), (90, "taken", "2.00", "theirs")]
    assert target_db.fetch(everything) == sorted([*loaded, *theirs])

    source_db.execute(
        "UPDATE t SET cents = 999 WHERE id = 2; DELETE FROM t WHERE id IN (4, 1); "
        "UPDATE t SET cents = 5 WHERE id = 3; INSERT INTO t VALUES (20, 'c20', 150, 'x'), (-5, 'low', 1, 'x')"
    )
    catch_up(this, source_db)
    assert target_db.fetch(everything) == [
        (2, "c2", "9.99", "ours"),
        (3, "c3", "0.05", "ours"),
        *[(n, f"c{n}", f"{n}.00", "ours") for n in (5, 6, 8)],
        (20, "c20", "1.50", "ours"),
        (90, "taken", "2.00", "theirs"),
    ]
