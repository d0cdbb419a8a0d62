"""A target that spreads rows over segments: where tables land, and that they are filled and followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.config import Objects, SyncConfig
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.load import load_bin, plan
from airflow_adbsync.engine.precheck import check
from airflow_adbsync.engine.replica_identity import prepare
from airflow_adbsync.engine.replication import AtLsn, apply
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify import raise_on_mismatch, verify
from tests.databases import Database
from tests.integration.replicated import assert_equal, position
from tests.integration.started_sync import started_sync

TABLES = """
    CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, note text);
    CREATE TABLE orders (customer bigint REFERENCES customers, id bigint, amount numeric(12, 2), note text,
                         PRIMARY KEY (customer, id));
    CREATE TABLE countries (code char(2) PRIMARY KEY, name text UNIQUE);
    CREATE TABLE events (at timestamptz, what jsonb);
    CREATE TABLE logs (day date, line text) WITH (fillfactor = 50);
    CREATE TABLE readings (sensor int, day date, value float8, PRIMARY KEY (sensor, day))
        PARTITION BY RANGE (day);
    CREATE TABLE readings_old PARTITION OF readings FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
    CREATE TABLE readings_new PARTITION OF readings FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
    ALTER TABLE events REPLICA IDENTITY FULL;
    ALTER TABLE logs REPLICA IDENTITY FULL;
"""
ROWS = """
    INSERT INTO customers SELECT n, n || '@x', repeat('long ', 2000) || n FROM generate_series(1, 500) n;
    INSERT INTO orders SELECT n % 500 + 1, n, n, 'order ' || n FROM generate_series(1, 2000) n;
    INSERT INTO countries SELECT chr(65 + n) || 'X', 'country ' || n FROM generate_series(0, 20) n;
    INSERT INTO events SELECT '2026-01-01'::timestamptz + n % 7 * interval '1h', '{"a": 1}'
        FROM generate_series(1, 300) n;
    INSERT INTO logs SELECT '2026-01-01'::date + n % 5, 'line ' || n % 50 FROM generate_series(1, 400) n;
    INSERT INTO readings SELECT n % 10, '2025-12-01'::date + n / 10, n FROM generate_series(1, 900) n;
"""
CHANGES = """
    UPDATE customers SET note = 'short' WHERE id % 3 = 0;
    UPDATE customers SET id = id + 1000, email = id + 1000 || '@y' WHERE id % 50 = 49 AND id NOT IN
        (SELECT customer FROM orders);
    DELETE FROM orders WHERE id % 7 = 0;
    UPDATE orders SET amount = amount + 0.25 WHERE id % 5 = 0;
    UPDATE orders SET customer = customer % 500 + 1 WHERE id % 11 = 0;
    INSERT INTO orders SELECT 7, n, n, NULL FROM generate_series(5000, 5200) n;
    UPDATE countries SET name = name || '!' WHERE code < 'FX';
    DELETE FROM countries WHERE code > 'RX';
    DELETE FROM events WHERE ctid IN (SELECT ctid FROM events ORDER BY at LIMIT 30);
    UPDATE logs SET line = line || '?' WHERE ctid IN (SELECT ctid FROM logs WHERE day = '2026-01-03' LIMIT 9);
    INSERT INTO logs SELECT '2026-02-01', NULL FROM generate_series(1, 3);
    UPDATE readings SET value = -value WHERE sensor = 3;
    UPDATE readings SET day = day + 100 WHERE sensor = 4;
    DELETE FROM readings WHERE sensor = 5;
"""
DISTRIBUTION = {
    "tables": {
        "public.orders": ["customer"],
        "public.countries": "replicated",
        "public.logs": ["day"],
    },
    "other_keys": "widen",
}
STORAGE = {
    "tables": {
        "public.events": "ao_row",
        "public.logs": {"engine": "ao_column", "options": {"compresstype": "zlib", "compresslevel": 3}},
    }
}


def sync_of(source: Database, target: Database, **more: object) -> Sync:
    config = SyncConfig(
        sync_id="segments",
        source="a",
        target="b",
        objects=Objects(schemas=("public",)),
        incremental={"retry_for": "20s"},
        **more,  # type: ignore[arg-type]
    )
    return Sync(config, source.endpoint, target.endpoint)


def policies(database: Database) -> dict[str, tuple[str, str]]:
    """Engine and distribution of every table, as the server writes them."""
    rows = database.fetch(
        """
        SELECT c.relname, coalesce(m.amname, ''), pg_get_table_distributedby(c.oid)
        FROM pg_class c LEFT JOIN pg_am m ON m.oid = c.relam
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        """
    )
    return {name: (engine, policy) for name, engine, policy in rows}


def test_tables_land_where_they_are_told_and_stay_equal(source_db: Database, segments: Database) -> None:
    source_db.execute(TABLES + ROWS)
    sync = sync_of(source_db, segments, distribution=DISTRIBUTION, storage=STORAGE)
    prepare(sync)
    start(sync)
    full_load(sync)

    assert policies(segments) == {
        "customers": ("heap", "DISTRIBUTED BY (id)"),
        "orders": ("heap", "DISTRIBUTED BY (customer)"),
        "countries": ("heap", "DISTRIBUTED REPLICATED"),
        "events": ("ao_row", "DISTRIBUTED RANDOMLY"),
        "logs": ("ao_column", "DISTRIBUTED BY (day)"),
        "readings": ("", "DISTRIBUTED BY (sensor, day)"),
        "readings_old": ("heap", "DISTRIBUTED BY (sensor, day)"),
        "readings_new": ("heap", "DISTRIBUTED BY (sensor, day)"),
    }
    raise_on_mismatch(verify(sync))
    for change in CHANGES.split(";\n"):
        if change.strip():
            source_db.execute(change)

    apply(sync, AtLsn(position(source_db)))

    raise_on_mismatch(verify(sync))


def test_pagila(source_db: Database, segments: Database, samples: Path) -> None:
    for name in ("pagila-schema.sql", "pagila-data.sql"):
        source_db.psql_file(samples / name, stop_on_error=False)
    sync = sync_of(source_db, segments, distribution={"other_keys": "widen"})
    prepare(sync)
    start(sync)
    full_load(sync)
    source_db.execute(
        "UPDATE rental SET return_date = now() WHERE rental_id % 3 = 0; UPDATE film SET title = title || '!';"
        "DELETE FROM payment WHERE payment_id % 9 = 0"
    )

    apply(sync, AtLsn(position(source_db)))

    raise_on_mismatch(verify(sync))
    assert segments.value("SELECT count(*) FROM rental") == 16044


def test_the_precheck_says_where_tables_will_live(source_db: Database, segments: Database) -> None:
    source_db.execute(TABLES)

    refused = [item.found for item in check(sync_of(source_db, segments)).findings if item.status == "failed"]
    said = check(sync_of(source_db, segments, distribution=DISTRIBUTION, storage=STORAGE))

    assert {text.partition(" can't")[0] for text in refused} == {
        "public.countries: its unique key countries_name_key (name)",
        "public.customers: its unique key customers_email_key (email)",
    }
    found = [item for item in said.findings if item.check == "distribution"]
    assert [item.subject for item in found if item.status != "passed"] == ["public.customers"]
    assert "Distributed by their primary key: public.customers, public.readings" in " ".join(
        item.found for item in found
    )


def test_nothing_is_made_where_a_table_has_no_place(source_db: Database, segments: Database) -> None:
    source_db.execute(TABLES)
    sync = sync_of(source_db, segments, storage={"default": "beam"})

    with pytest.raises(ConfigError, match="no storage engine beam"):
        schema.create(sync)

    assert policies(segments) == {}


OWN = """
    CREATE TABLE facts (a int ENCODING (compresstype = rle_type, compresslevel = 2, blocksize = 65536),
        b text, c int) WITH (appendoptimized = true, orientation = column, compresstype = zlib,
        compresslevel = 2) DISTRIBUTED BY (c, a);
    CREATE TABLE lines (at timestamptz, line text) WITH (appendoptimized = true, compresstype = zlib)
        DISTRIBUTED BY (at);
    CREATE TABLE keyed (a int, b int PRIMARY KEY, n numeric(20, 4), f float8, note text DEFAULT 'none',
        raw bytea, j jsonb, days date[], g int GENERATED ALWAYS AS (b * 2) STORED) DISTRIBUTED BY (b);
    CREATE TABLE small (a int) DISTRIBUTED REPLICATED;
    CREATE TABLE anywhere (a serial) DISTRIBUTED RANDOMLY;
    CREATE TABLE parts (id int, day date, n int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)
        DISTRIBUTED BY (id);
    CREATE TABLE parts_old PARTITION OF parts FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
    CREATE TABLE parts_new PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
    CREATE VIEW sums AS SELECT c, sum(a) AS a FROM facts GROUP BY c;
    CREATE INDEX ON keyed (note);
    INSERT INTO facts SELECT n, n::text, n % 9 FROM generate_series(1, 3000) n;
    INSERT INTO lines SELECT '2026-01-01'::timestamptz + n * interval '1 min', E'a\\tb\\\\' || n
        FROM generate_series(1, 500) n;
    INSERT INTO keyed SELECT n, n, n / 3.0, CASE WHEN n % 10 = 0 THEN 'NaN' ELSE n / 7.0 END,
        nullif(repeat('x', n % 30), ''), decode(md5(n::text), 'hex'), '{"k": [1, null]}',
        ARRAY[date '2026-01-01' + n] FROM generate_series(1, 1000) n;
    INSERT INTO small SELECT n FROM generate_series(1, 10) n;
    INSERT INTO anywhere SELECT FROM generate_series(1, 10) n;
    INSERT INTO parts SELECT n, date '2025-12-01' + n % 60, n FROM generate_series(1, 600) n;
"""
OWN_TABLES = ("facts", "lines", "keyed", "small", "anywhere", "parts")


def full_load(sync: Sync) -> None:
    schema.create(sync)
    for each in plan(sync).bins:
        load_bin(sync, each)
    schema.finish(sync)


def encodings(database: Database) -> list[tuple[str, int, list[str]]]:
    """How each column of the tables whose columns are stored apart is compressed."""
    return database.fetch(
        "SELECT attrelid::regclass::text, attnum, attoptions FROM pg_attribute_encoding ORDER BY 1, 2"
    )


def test_from_one_of_the_family_to_another_all_stays(second: Database, segments: Database) -> None:
    second.execute(OWN)
    sync = started_sync(second.endpoint, segments.endpoint)

    full_load(sync)

    assert policies(segments) == policies(second)
    assert policies(segments)["facts"] == ("ao_column", "DISTRIBUTED BY (c, a)")
    for table in ("facts", "lines"):
        options = f"SELECT reloptions FROM pg_class WHERE relname = '{table}'"
        assert sorted(segments.value(options)) == sorted(second.value(options))
    assert encodings(segments) == encodings(second)
    assert len(encodings(segments)) == 3
    assert_equal(second, segments, (*OWN_TABLES, "sums"))
    raise_on_mismatch(verify(sync))


def test_from_one_of_the_family_to_postgresql(second: Database, source_db: Database) -> None:
    second.execute(OWN)
    sync = started_sync(second.endpoint, source_db.endpoint)
    config = sync.config.model_copy(
        update={"distribution": sync.config.distribution.model_copy(update={"as_primary_key": True})}
    )
    sync = Sync(config, sync.source, sync.target)

    full_load(sync)

    keys = source_db.fetch(
        """
        SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype = 'p' AND connamespace = 'public'::regnamespace AND conparentid = 0 ORDER BY 1
        """
    )
    assert keys == [
        ("facts", "PRIMARY KEY (c, a)"),
        ("keyed", "PRIMARY KEY (b)"),
        ("lines", "PRIMARY KEY (at)"),
        ("parts", "PRIMARY KEY (id, day)"),
    ]
    assert_equal(second, source_db, (*OWN_TABLES, "sums"))
    raise_on_mismatch(verify(sync))
