"""The full load of tables that have another shape on the target."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_adbsync.engine.config import Objects, SyncConfig
from airflow_adbsync.engine.errors import ConnectionFailed, StatementFailed
from airflow_adbsync.engine.load import load_bin, plan
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.started_sync import started_sync
from tests.integration.test_load_chunks import ends_after

SOURCE = """
    CREATE SCHEMA shop;
    CREATE TYPE shop.mood AS ENUM ('fine', 'poor');
    CREATE FUNCTION public.half(n numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT n / 2';
    CREATE TABLE shop.orders (
        id int PRIMARY KEY, amount numeric(12, 4), mood shop.mood, secret text, made timestamptz,
        twice int GENERATED ALWAYS AS (id * 2) STORED);
    INSERT INTO shop.orders
    SELECT n, n * 1.2345, (ARRAY['fine', 'poor'])[n % 2 + 1]::shop.mood, repeat('x', 200),
           timestamptz '2024-01-01' + n * interval '1 hour'
    FROM generate_series(1, 20000) n;
    ANALYZE shop.orders;
"""
TARGET = """
    CREATE SCHEMA store;
    CREATE TYPE store.mood AS ENUM ('fine', 'poor');
    CREATE TABLE store.purchases (
        order_id int, total numeric(10, 2), mood store.mood, made date,
        twice int GENERATED ALWAYS AS (order_id * 2) STORED, origin text NOT NULL, feeling store.mood);
"""
TABLES = {
    "shop.orders": {
        "name": "purchases",
        "where": "id > 10 AND mood = 'fine' -- those alone",
        "columns": {
            "id": "order_id",
            "secret": False,
            "amount": {"name": "total", "type": "numeric(10,2)", "value": "half(amount) -- of it"},
            "made": {"type": "date"},
        },
        "extra": {
            "origin": {"type": "text", "value": "'e;u'"},
            "feeling": {"type": "store.mood", "value": "'poor'"},
        },
    }
}
WANTED = """
    SELECT id, round(half(amount), 2), mood::text, made::date, id * 2, 'e;u', 'poor'
    FROM shop.orders WHERE id > 10 AND mood = 'fine' ORDER BY 1
"""
FOUND = (
    "SELECT order_id, total, mood::text, made, twice, origin, feeling::text FROM store.purchases ORDER BY 1"
)


@pytest.fixture
def shaped(source_db: Database, target_db: Database) -> Sync:
    source_db.execute(SOURCE)
    target_db.execute(TARGET)
    shop = Objects(schemas=("shop",))
    plain = started_sync(
        source_db.endpoint, target_db.endpoint, shop, chunk_bytes="1MB", retry_for=0, retry_connections_for=0
    )
    return with_tables(plain, TABLES)


def with_tables(sync: Sync, tables: object) -> Sync:
    document = sync.config.model_dump(mode="json", by_alias=True)
    document |= {"names": {"schemas": {"shop": "store"}}, "tables": tables}
    return replace(sync, config=SyncConfig.model_validate(document))


def test_names_values_filters_and_extra_columns(
    shaped: Sync, source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In chunks too, and after an end halfway."""
    (only,) = plan(shaped).bins
    with ends_after(2, monkeypatch), pytest.raises(ConnectionFailed, match="cut off"):
        load_bin(shaped, only)
    source_db.execute(
        "UPDATE shop.orders SET mood = 'poor' WHERE id % 3 = 0; DELETE FROM shop.orders WHERE id < 99"
    )
    source_db.execute("UPDATE shop.orders SET mood = 'fine', amount = 7 WHERE id % 7 = 0")

    result = load_bin(shaped, only)

    assert target_db.fetch(FOUND) == source_db.fetch(WANTED)
    assert result.rows == len(source_db.fetch(WANTED)) > 1000
    assert target_db.value("SELECT reltuples FROM pg_class WHERE relname = 'purchases'") == result.rows


def test_types_that_move_with_their_schema_go_as_binary(
    shaped: Sync, target_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "airflow_adbsync")
    target_db.execute(
        "CREATE TABLE store.orders (id int, amount numeric(12, 4), mood store.mood, secret text, "
        "made timestamptz, twice int GENERATED ALWAYS AS (id * 2) STORED)"
    )
    moved = with_tables(shaped, {})
    assert load_bin(moved, plan(moved).bins[0]).rows == 20_000
    assert "is copied as binary" in caplog.text
    assert target_db.value("SELECT count(*) FROM store.orders WHERE mood = 'fine'") == 10_000


def test_what_the_source_can_not_evaluate_is_said_and_nothing_is_changed(
    shaped: Sync, target_db: Database
) -> None:
    target_db.execute("INSERT INTO store.purchases (order_id, origin) VALUES (-1, 'before')")
    wrong = with_tables(shaped, {"shop.orders": {**TABLES["shop.orders"], "where": "no_such_column > 1"}})
    with pytest.raises(StatementFailed, match=r"reading shop.orders.*no_such_column"):
        load_bin(wrong, plan(wrong).bins[0])
    assert target_db.value("SELECT count(*) FROM store.purchases") == 1
