"""From the load to the stream: transactions of every kind that are open, or not quite over, in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from airflow_adbsync.engine.load import Bin, load_bin
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.local import LocalServer
from tests.databases import Database
from tests.integration.applier_thread import ApplierThread
from tests.integration.replicated import assert_equal, begin, catch_up, load, position, sync_of

TABLES = "CREATE TABLE t (id int PRIMARY KEY, note text); CREATE TABLE log (note text)"


def test_transactions_that_are_open_when_a_table_is_read(source_db: Database, target_db: Database) -> None:
    for database in (source_db, target_db):
        database.execute(TABLES)
    source_db.execute("INSERT INTO t SELECT n, 'first' FROM generate_series(1, 20) n")
    sync = sync_of(source_db, target_db)
    begin(sync)
    with source_db.connect() as early, source_db.connect() as late, source_db.connect() as undone:
        early.execute("BEGIN; INSERT INTO t VALUES (101, 'open'); UPDATE t SET note = 'open' WHERE id < 5")
        early.execute("SAVEPOINT a; DELETE FROM t WHERE id = 7; RELEASE a; INSERT INTO log VALUES ('open')")
        undone.execute("BEGIN; INSERT INTO t VALUES (103, 'undone'); DELETE FROM t WHERE id = 11")
        source_db.execute("INSERT INTO t VALUES (102, 'between'); INSERT INTO log VALUES ('between')")
        load_bin(sync, Bin(0, (QualifiedName("public", "t"),), 0))
        late.execute("BEGIN; INSERT INTO t VALUES (104, 'late'); INSERT INTO log VALUES ('late')")
        early.execute("UPDATE t SET id = 200 WHERE id = 101; COMMIT")
        undone.execute("ROLLBACK")
        load(sync)
        late.execute("COMMIT")
    catch_up(sync, source_db)

    assert_equal(source_db, target_db, ["t", "log"])


def test_prepared_transactions(private_server: Callable[..., LocalServer], target_db: Database) -> None:
    server = private_server("source", settings={"max_prepared_transactions": "10"})
    source = Database(server.create_database("source"))
    for database in (source, target_db):
        database.execute(TABLES)
    sync = sync_of(source, target_db)
    begin(sync)
    for number, name in enumerate(["before", "undone", "between", "after"]):
        source.execute(f"BEGIN; INSERT INTO t VALUES ({number}, '{name}'); PREPARE TRANSACTION '{name}'")
    source.execute("COMMIT PREPARED 'before'")
    source.execute("INSERT INTO log VALUES ('x')")
    load_bin(sync, Bin(0, (QualifiedName("public", "t"),), 0))
    source.execute("COMMIT PREPARED 'between'")
    source.execute("ROLLBACK PREPARED 'undone'")
    load(sync)
    catch_up(sync, source)
    assert_equal(source, target_db, ["t", "log"])

    source.execute("COMMIT PREPARED 'after'")
    catch_up(sync, source)
    assert_equal(source, target_db, ["t"])


def test_a_source_of_another_encoding(
    private_server: Callable[..., LocalServer], target_db: Database
) -> None:
    server = private_server("source")
    with Database(server.endpoint()).connect() as conn:
        conn.execute(
            "CREATE DATABASE source ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
    source = Database(server.endpoint("source"))
    for database in (source, target_db):
        database.execute('CREATE TABLE "Größe" (id text PRIMARY KEY, "naïve" text)')
    source.execute("""INSERT INTO "Größe" VALUES ('é', 'ÿ')""")
    sync = sync_of(source, target_db)
    begin(sync)
    load(sync)
    source.execute(
        """INSERT INTO "Größe" VALUES ('ö', 'ß'); UPDATE "Größe" SET "naïve" = 'þ' WHERE id = 'é'"""
    )
    catch_up(sync, source)

    assert sorted(target_db.fetch('SELECT * FROM "Größe"')) == [("é", "þ"), ("ö", "ß")]


def test_a_table_that_joins_while_the_others_are_replicated(source_db: Database, target_db: Database) -> None:
    """The others go on; what is passed by until it is loaded, its load has seen."""
    for database in (source_db, target_db):
        database.execute(TABLES)
    sync = sync_of(source_db, target_db)
    begin(sync)
    load(sync)
    with ApplierThread(sync) as applier:
        applier.wait_until_started()
        before = position(source_db)
        source_db.execute("INSERT INTO t VALUES (0, 'w')")
        applier.wait_until_applied(before)
        for database in (source_db, target_db):
            database.execute("CREATE TABLE joined (id int PRIMARY KEY)")
        begin(sync)
        source_db.execute("INSERT INTO joined VALUES (1)")
        before = position(source_db)
        source_db.execute("INSERT INTO t VALUES (1, 'x')")
        applier.wait_until_applied(before)
        assert target_db.value("SELECT count(*) FROM t") == 2
        assert target_db.value("SELECT count(*) FROM joined") == 0
    with target_db.connect() as blocking:
        # The load reads the table, and ends only after the table has been changed once more.
        blocking.execute("BEGIN; SELECT FROM adbsync.relation FOR UPDATE")
        loading = threading.Thread(target=load, args=(sync,))
        loading.start()
        while not target_db.fetch("SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"):
            time.sleep(0.02)
        source_db.execute("INSERT INTO joined VALUES (2)")
        blocking.execute("COMMIT")
        loading.join()
    catch_up(sync, source_db)

    assert_equal(source_db, target_db, ["t", "joined"])
