"""Replica identities on a real source: set, put back, and what happens when a table is locked."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from airflow_adbsync.engine import replica_identity, state
from airflow_adbsync.engine.catalog import read_relations
from airflow_adbsync.engine.config import Objects, ReplicaIdentityOptions, SyncConfig
from airflow_adbsync.engine.errors import LockNotObtained
from airflow_adbsync.engine.model import Family
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database

TABLES = """
    CREATE TABLE keyed (id int PRIMARY KEY, note text);
    CREATE TABLE keyless (x int);
    CREATE TABLE "Odd ""Name" (x int);
    CREATE TABLE muted (id int PRIMARY KEY);
    ALTER TABLE muted REPLICA IDENTITY NOTHING;
    CREATE TABLE by_index (no int NOT NULL UNIQUE);
    ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_no_key;
    CREATE TABLE full_already (x int);
    ALTER TABLE full_already REPLICA IDENTITY FULL;
    CREATE TABLE late_key (id int PRIMARY KEY DEFERRABLE);
    CREATE TABLE parent (id int PRIMARY KEY);
    CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);
    CREATE TABLE heir (extra int) INHERITS (parent);
    CREATE TABLE log (id int, day date) PARTITION BY RANGE (day);
    CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')
        PARTITION BY LIST (id);
    CREATE TABLE log_1_1 PARTITION OF log_1 FOR VALUES IN (1);
    CREATE TABLE keyed_log (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE keyed_log_1 PARTITION OF keyed_log FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
"""
IDENTITIES = """
    SELECT relname::text, relreplident::text FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
CHANGED = {"keyless", 'Odd "Name', "muted", "late_key", "heir", "log", "log_1_1"}


def identities(database: Database) -> dict[str, str]:
    return dict(database.fetch(IDENTITIES))


def a_sync(source: Database, target: Database, **options: timedelta) -> Sync:
    config = SyncConfig(
        sync_id="shop",
        source="a",
        target="b",
        objects=Objects(schemas=("public",)),
        replica_identity=ReplicaIdentityOptions(**options),
    )
    return Sync(config, source.endpoint, target.endpoint)


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    source_db.execute(TABLES)
    return a_sync(source_db, target_db)


def test_it_is_set_where_needed_and_put_back_exactly(sync: Sync, source_db: Database) -> None:
    before = identities(source_db)

    changes = replica_identity.prepare(sync)

    assert {change.name.name for change in changes} == CHANGED
    after = identities(source_db)
    assert {name for name in after if after[name] != before[name]} == CHANGED
    assert {after[name] for name in CHANGED} == {"f"}
    assert replica_identity.prepare(sync) == ()
    assert identities(source_db) == after

    assert {change.name.name for change in replica_identity.restore(sync)} == CHANGED
    assert identities(source_db) == before
    assert replica_identity.restore(sync) == ()


@pytest.mark.requires(source=13)  # publish_via_partition_root
def test_a_table_whose_identity_stays_can_be_updated_once_it_is_published(
    sync: Sync, source_db: Database
) -> None:
    """The server itself refuses where an identity is not enough, so it must not refuse anywhere."""
    replica_identity.prepare(sync)
    source_db.execute("CREATE PUBLICATION everything FOR ALL TABLES WITH (publish_via_partition_root)")
    source_db.execute(
        "INSERT INTO log VALUES (1, '2020-02-02'); INSERT INTO keyed_log VALUES (1, '2020-02-02')"
    )
    for table in identities(source_db):
        quoted = '"' + table.replace('"', '""') + '"'
        source_db.execute(f"DELETE FROM {quoted}")


def test_an_index_is_put_back_by_its_name(source_db: Database, target_db: Database) -> None:
    source_db.execute("""
        CREATE TABLE t (no int NOT NULL);
        CREATE UNIQUE INDEX "By No" ON t (no);
        ALTER TABLE t REPLICA IDENTITY USING INDEX "By No";
    """)
    sync = a_sync(source_db, target_db)
    with target_db.connect() as conn:
        state.ensure(conn)
        with source_db.connect() as there:
            found = replica_identity.read(there, read_relations(there, sync.config.objects))
        (change,) = replica_identity.plan(found, Family.ANALYTICDB)
        state.identities.record(conn, sync.sync_id, change)
    source_db.execute("ALTER TABLE t REPLICA IDENTITY FULL")

    assert replica_identity.restore(sync) == (change,)

    assert source_db.value("SELECT indisreplident FROM pg_index WHERE indexrelid = '\"By No\"'::regclass")


@pytest.mark.requires(source=13)  # publish_via_partition_root
def test_what_became_of_tables_meanwhile_is_respected(sync: Sync, source_db: Database) -> None:
    replica_identity.prepare(sync)
    source_db.execute("""
        DROP TABLE keyless;
        ALTER TABLE muted REPLICA IDENTITY DEFAULT;
        CREATE PUBLICATION another FOR TABLE late_key, log WITH (publish_via_partition_root);
    """)

    restored = {change.name.name for change in replica_identity.restore(sync)}

    assert restored == {'Odd "Name', "heir"}
    after = identities(source_db)
    assert (after["muted"], after["late_key"], after["log_1_1"]) == ("d", "f", "f")


def test_the_change_is_known_before_it_is_made(
    sync: Sync, source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash(Exception):
        pass

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(replica_identity.preparing, "alter", crash)
        with pytest.raises(Crash):
            replica_identity.prepare(sync)
    with target_db.connect() as conn:
        assert {change.name.name for change in state.identities.read(conn, "shop")} == CHANGED
    before = identities(source_db)
    assert replica_identity.prepare(sync)
    assert replica_identity.restore(sync)
    assert identities(source_db) == before


def test_a_locked_table_is_tried_again_and_the_others_do_not_wait(
    source_db: Database, target_db: Database
) -> None:
    source_db.execute("CREATE TABLE a_locked (x int); CREATE TABLE b_free (x int)")
    sync = a_sync(
        source_db, target_db, lock_timeout=timedelta(milliseconds=50), retry_for=timedelta(seconds=60)
    )
    with source_db.connect() as holder:
        holder.execute("BEGIN; SELECT FROM a_locked")
        worker = threading.Thread(target=replica_identity.prepare, args=(sync,))
        worker.start()
        deadline = time.monotonic() + 30
        while identities(source_db)["b_free"] != "f":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert identities(source_db)["a_locked"] == "d"
        holder.execute("COMMIT")
        worker.join(timeout=60)
    assert not worker.is_alive()
    assert identities(source_db) == {"a_locked": "f", "b_free": "f"}


def test_who_holds_the_lock_is_named(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE t (x int)")
    sync = a_sync(source_db, target_db, lock_timeout=timedelta(milliseconds=50), retry_for=timedelta(0))
    with source_db.connect() as holder:
        pid = holder.info.backend_pid
        holder.execute("SET application_name = 'nightly report'; BEGIN; SELECT FROM t")
        with pytest.raises(LockNotObtained) as caught:
            replica_identity.prepare(sync)
    assert f"public.t is held by pid {pid}" in caught.value.what
    assert "nightly report, idle in transaction" in caught.value.what
    assert caught.value.retryable
