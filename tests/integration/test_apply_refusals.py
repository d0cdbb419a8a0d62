"""What replication refuses, and what it waits for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from airflow_adbsync.engine.errors import (
    RelationDrifted,
    RelationNotLoaded,
    RowExists,
    RowMissing,
    StatementFailed,
)
from airflow_adbsync.engine.load import load_bin, plan
from airflow_adbsync.engine.replication import Stopped, apply, request_stop
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.replicated import assert_same, follow, running_sync, sync_of

Running = Callable[..., Sync]


@pytest.fixture
def running(source_db: Database, target_db: Database) -> Running:
    return partial(running_sync, source_db, target_db)


def in_background(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def wait_until(database: Database, query: str) -> None:
    deadline = time.monotonic() + 20
    while not database.fetch(query):
        assert time.monotonic() < deadline, query
        time.sleep(0.05)


def test_nothing_is_applied_where_a_row_is_missing(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running("CREATE TABLE t (id int PRIMARY KEY, n int)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    target_db.execute("DELETE FROM t WHERE id = 2")
    source_db.execute("UPDATE t SET n = 10")

    with pytest.raises(RowMissing, match=r"public\.t.*id = 2"):
        follow(sync)

    assert target_db.fetch("SELECT * FROM t") == [(1, 1)]


def test_nothing_is_applied_where_a_row_stands_in_the_way(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running("CREATE TABLE t (id int PRIMARY KEY)")
    target_db.execute("INSERT INTO t VALUES (2)")
    source_db.execute("INSERT INTO t VALUES (1), (2)")

    with pytest.raises(RowExists, match=r"\(id\)=\(2\)"):
        follow(sync)

    assert target_db.fetch("SELECT * FROM t") == [(2,)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ALTER TABLE t ADD extra int", "extra"),
        ("ALTER TABLE t DROP n", "lacks columns there"),
        ("ALTER TABLE t ALTER n TYPE numeric(20, 3)", "'n' has another type"),
    ],
)
def test_a_changed_table_stops_before_its_first_new_row_and_goes_on_once_it_fits(
    running: Running, source_db: Database, target_db: Database, change: str, said: str
) -> None:
    sync = running(
        "CREATE TABLE t (id int PRIMARY KEY, n numeric(20, 1)); CREATE TABLE other (id int PRIMARY KEY)",
        "INSERT INTO t VALUES (1, 1)",
    )
    with source_db.connect() as conn:
        for number in range(2, 200):
            conn.execute(f"INSERT INTO t VALUES ({number}, {number})")
        conn.execute(change)
        conn.execute("BEGIN; INSERT INTO other VALUES (1); INSERT INTO t (id) VALUES (200); COMMIT")

    with pytest.raises(RelationDrifted, match=said):
        follow(sync)

    assert target_db.fetch("SELECT count(*), max(id) FROM t") == [(199, 199)]
    assert target_db.fetch("SELECT id FROM other") == []
    target_db.execute(change)
    follow(sync)
    assert_same(source_db, target_db, "t", "other")


def test_what_committed_before_a_change_that_fails_is_applied(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running("CREATE TABLE t (id int PRIMARY KEY, n int)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    target_db.execute("DELETE FROM t WHERE id = 2")
    source_db.execute("UPDATE t SET n = 10 WHERE id = 1")
    source_db.execute("INSERT INTO t VALUES (3, 3); UPDATE t SET n = 20 WHERE id = 2")
    source_db.execute("INSERT INTO t VALUES (4, 4)")

    with pytest.raises(RowMissing, match="id = 2"):
        follow(sync)

    assert target_db.fetch("SELECT * FROM t") == [(1, 10)]
    target_db.execute("INSERT INTO t VALUES (2, 2)")
    follow(sync)
    assert_same(source_db, target_db, "t")


def test_incremental_waits_for_the_load(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE t (id int PRIMARY KEY)")
    sync = sync_of(source_db, target_db)
    start(sync)

    with pytest.raises(RelationNotLoaded, match=r"public\.t"):
        follow(sync)


def test_a_truncate_that_waits_for_a_load_does_not_empty_what_was_loaded(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    waiting = "SELECT true FROM pg_locks WHERE relation = 't'::regclass AND NOT granted HAVING count(*) = %d"
    following = in_background(lambda: apply(sync, Stopped()))
    wait_until(target_db, "SELECT true FROM adbsync.progress WHERE epoch = 1")
    with target_db.connect() as blocking, blocking.transaction():
        blocking.execute("LOCK TABLE t IN ACCESS SHARE MODE")
        loading = in_background(lambda: load_bin(sync, plan(sync).bins[0], reload=True))
        wait_until(target_db, waiting % 1)
        source_db.execute("TRUNCATE t")
        source_db.execute("INSERT INTO t SELECT generate_series(1, 9)")
        wait_until(target_db, waiting % 2)
    loading.join()
    request_stop(sync)
    following.join()

    assert_same(source_db, target_db, "t")


def test_rows_that_a_trigger_drops_are_missed(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE keyless (id int)")
    target_db.execute(
        """
        CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
        CREATE TRIGGER drop_it BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION drop_it();
        ALTER TABLE t ENABLE ALWAYS TRIGGER drop_it;
        """
    )
    source_db.execute("INSERT INTO keyless VALUES (1), (1); INSERT INTO t VALUES (1), (2)")

    with pytest.raises(StatementFailed, match=r"public\.t took 0 of 2 inserted rows.*trigger"):
        follow(sync)

    target_db.execute("DROP TRIGGER drop_it ON t")
    follow(sync)
    assert_same(source_db, target_db, "t", "keyless")
