"""Keys and indexes that are built as soon as their table is in, while others are still copied."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.errors import StatementFailed
from airflow_adbsync.engine.load import load_bin, plan
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.started_sync import started_sync

TABLES = """
    CREATE TABLE first (id int PRIMARY KEY, n int UNIQUE, filling text);
    CREATE INDEX first_upper ON first (upper(filling));
    CREATE INDEX first_some ON first (n) WHERE n > 5;
    CREATE TABLE last (id int PRIMARY KEY, filling text);
    CREATE TABLE small (id int PRIMARY KEY);
    CREATE VIEW counted AS SELECT id, filling FROM first GROUP BY id;
    INSERT INTO first SELECT n, -n, repeat('x', 400) FROM generate_series(1, 15000) n;
    INSERT INTO last SELECT n, repeat('y', 400) FROM generate_series(1, 12000) n;
    INSERT INTO small SELECT generate_series(1, 9);
    ANALYZE
"""
INDEXES = """
    SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = 'public'::regnamespace AND i.indisvalid ORDER BY 1
"""
OF_FIRST = ["first_n_key", "first_pkey", "first_some", "first_upper"]
ALL = [*OF_FIRST, "last_pkey", "small_pkey"]
SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
STATISTICS = "SELECT count(*) FROM pg_stats WHERE tablename = 'first_upper'"


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    source_db.execute(TABLES)
    this = started_sync(source_db.endpoint, target_db.endpoint, max_tasks=1)
    schema.create(this)
    return this


@contextmanager
def closed(target: Database, table: str) -> Iterator[None]:
    """Nobody can write the table."""
    with target.connect() as conn, conn.transaction():
        conn.execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
        yield


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_tables_indexes_are_there_while_another_is_still_copied(sync: Sync, target_db: Database) -> None:
    (only,) = plan(sync).bins
    loading = threading.Thread(target=load_bin, args=(sync, only))
    with closed(target_db, "last"):
        loading.start()
        wait_for(lambda: target_db.fetch(INDEXES) == [(name,) for name in OF_FIRST])
        wait_for(lambda: target_db.value(STATISTICS) == 1)
        assert loading.is_alive()
    loading.join(60)
    assert target_db.fetch(INDEXES) == [(name,) for name in ALL if name != "small_pkey"]

    rest = schema.finish(sync)
    assert target_db.fetch(INDEXES) == [(name,) for name in ALL]
    assert (rest.ran, rest.changed) == (2, ())


def test_what_is_refused_is_left_to_the_end_which_says_so(
    sync: Sync, target_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    target_db.execute("CREATE TABLE first_some ()")
    (only,) = plan(sync).bins
    load_bin(sync, only)
    assert "first_some is left to the end" in caplog.text
    target_db.execute("DROP TABLE first_some")

    schema.finish(sync)
    assert target_db.fetch(INDEXES) == [(name,) for name in ALL]


def test_a_load_that_fails_does_not_wait_for_its_indexes(sync: Sync, target_db: Database) -> None:
    target_db.execute("ALTER TABLE last ADD CHECK (id < 11000)")
    target_db.execute(
        "UPDATE adbsync.build SET sql = 'SELECT pg_sleep(600);' || sql WHERE sql ~ 'first_pkey'"
    )
    (only,) = plan(sync).bins
    with ThreadPoolExecutor() as pool:
        with closed(target_db, "last"):
            load = pool.submit(load_bin, sync, only)
            wait_for(lambda: target_db.value(SLEEPING) == 1)
        with pytest.raises(StatementFailed, match="last"):
            load.result(30)
    assert target_db.value(SLEEPING) == 0
    assert target_db.fetch(INDEXES) == []

    target_db.execute("UPDATE adbsync.build SET sql = replace(sql, 'SELECT pg_sleep(600);', '')")
    target_db.execute("ALTER TABLE last DROP CONSTRAINT last_id_check")
    load_bin(sync, only)
    assert target_db.fetch(INDEXES) == [(name,) for name in ALL if name != "small_pkey"]
