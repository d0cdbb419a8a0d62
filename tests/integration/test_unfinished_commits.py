"""Transactions that are in the source's log, and in its slot's stream, before other sessions there see them.

A commit is visible only some time after it is written; with synchronous standbys, once these confirmed it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from airflow_adbsync.engine.load import load_bin, plan
from airflow_adbsync.engine.replication import Stopped
from airflow_adbsync.local import LocalServer
from tests.databases import Database
from tests.integration.applier_child import ApplierChild
from tests.integration.replicated import assert_equal, begin, catch_up, load, sync_of


@contextmanager
def absent_standby(source: Database) -> Iterator[None]:
    """While this lasts no commit on the source ends."""
    _require_standby(source, "nobody")
    try:
        yield
    finally:
        _require_standby(source, "")


def _require_standby(source: Database, name: str) -> None:
    with source.connect(synchronous_commit="local") as conn:
        conn.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        conn.execute("SELECT pg_reload_conf()")
    while source.value("SHOW synchronous_standby_names") != name:
        time.sleep(0.02)


def test_a_table_that_is_loaded_again_before_a_commit_is_seen(
    private_server: Callable[..., LocalServer], target_db: Database
) -> None:
    source = Database(private_server("source").create_database("source"))
    for database in (source, target_db):
        database.execute("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (id int PRIMARY KEY)")
    source.execute("INSERT INTO t VALUES (1); INSERT INTO other VALUES (1)")
    sync = sync_of(source, target_db)
    begin(sync)
    load(sync)
    with ApplierChild(sync, Stopped()) as applier:
        applier.wait_until_started()
        with absent_standby(source):
            writer = threading.Thread(target=source.execute, args=("INSERT INTO t VALUES (2)",))
            writer.start()
            _wait_for(source, "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            time.sleep(1)
            assert target_db.fetch("SELECT id FROM t") == source.fetch("SELECT id FROM t") == [(1,)]
            for bin_ in plan(sync).bins:
                load_bin(sync, bin_, reload=True)
        writer.join()
        applier.close_input()
        assert applier.wait(15) == 0
    catch_up(sync, source)

    assert_equal(source, target_db, ["t", "other"])


def test_a_commit_that_began_while_the_slot_was_made(
    private_server: Callable[..., LocalServer], target_db: Database
) -> None:
    source = Database(private_server("source").create_database("source"))
    for database in (source, target_db):
        database.execute("CREATE TABLE t (id int PRIMARY KEY)")
    source.execute("INSERT INTO t VALUES (1)")
    sync = sync_of(source, target_db)
    local = {"synchronous_commit": "local"}
    with source.connect(**local) as first, source.connect(**local) as second:
        first.execute("BEGIN; INSERT INTO t VALUES (2)")
        starting = threading.Thread(target=begin, args=(sync,))
        starting.start()
        _wait_for(source, WAITING_FOR_A_TRANSACTION)
        second.execute("BEGIN; INSERT INTO t VALUES (3)")
        (xid,) = second.execute("SELECT txid_current()::text").fetchone() or ("",)
        first.execute("COMMIT")
        _wait_for(source, f"{WAITING_FOR_A_TRANSACTION} AND transactionid = '{xid}'")
        with absent_standby(source):
            # What begins now is no concern of the slot's, if it commits before the slot stands.
            writer = threading.Thread(target=source.execute, args=("INSERT INTO t VALUES (4)",))
            writer.start()
            _wait_for(source, "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            second.execute("COMMIT")
            starting.join(1.5)
            if not starting.is_alive():
                load(sync)
    for thread in (starting, writer):
        thread.join()
    load(sync)
    catch_up(sync, source)

    assert_equal(source, target_db, ["t"])


WAITING_FOR_A_TRANSACTION = "SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"


def _wait_for(database: Database, query: str) -> None:
    deadline = time.monotonic() + 20
    while not database.fetch(query):
        assert time.monotonic() < deadline, query
        time.sleep(0.02)
