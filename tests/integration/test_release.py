"""Releasing a sync: what goes, what stays, and when it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from airflow_adbsync.engine import release as release_module
from airflow_adbsync.engine import replica_identity, slot, state
from airflow_adbsync.engine.config import Objects, ReplicaIdentityOptions, SyncConfig
from airflow_adbsync.engine.connect import Connection, connect, connect_replication
from airflow_adbsync.engine.errors import (
    ConnectionFailed,
    ControlSchemaNewer,
    SlotMissing,
    SourceSwapped,
    SyncRunning,
)
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.release import Released, release
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database

LEFT_ON_SOURCE = """
    SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = current_database()),
           (SELECT count(*) FROM pg_publication),
           (SELECT relreplident::text FROM pg_class WHERE relname = 'keyless')
"""
CONTROL_ROWS = """
    SELECT table_name::text FROM information_schema.columns
    WHERE table_schema = 'adbsync' AND column_name = 'sync_id'
"""


def a_sync(source: Endpoint, target: Endpoint, sync_id: str = "shop") -> Sync:
    config = SyncConfig(
        sync_id=sync_id,
        source="a",
        target="b",
        objects=Objects(schemas=("public",)),
        replica_identity=ReplicaIdentityOptions(
            lock_timeout=timedelta(milliseconds=50), retry_for=timedelta(0)
        ),
    )
    return Sync(config, source, target)


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    source_db.execute("CREATE TABLE keyless (x int)")
    target_db.execute("CREATE TABLE keyless (x int); INSERT INTO keyless VALUES (1)")
    sync = a_sync(source_db.endpoint, target_db.endpoint)
    replica_identity.prepare(sync)
    start(sync)
    return sync


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_module, "_ENDED_WITHIN", 20.0)


def left(database: Database) -> tuple[int, int, str]:
    ((slots, publications, identity),) = database.fetch(LEFT_ON_SOURCE)
    return slots, publications, identity


def control_rows(database: Database, sync_id: str = "shop") -> int:
    tables = [name for (name,) in database.fetch(CONTROL_ROWS)]
    assert len(tables) > 5
    return sum(
        database.value(f"SELECT count(*) FROM adbsync.{name} WHERE sync_id = %s", sync_id) for name in tables
    )


@contextmanager
def session(endpoint: Endpoint) -> Iterator[Connection]:
    """A session that somebody else may end."""
    with closing(connect(endpoint, autocommit=True)) as conn:
        yield conn


def is_alive(conn: Connection) -> bool:
    try:
        conn.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def test_everything_of_the_sync_goes_and_the_data_stays(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    assert left(source_db) == (1, 1, "f")
    released = release(sync)
    assert (released.known, released.slot_dropped, released.publication_dropped) == (True, True, True)
    assert [str(change.name) for change in released.identities_restored] == ["public.keyless"]
    assert released.left == ()
    assert left(source_db) == (0, 0, "d")
    assert control_rows(target_db) == 0
    assert target_db.value("SELECT count(*) FROM keyless") == 1


def test_again_is_no_error_and_the_sync_can_start_anew(sync: Sync, source_db: Database) -> None:
    release(sync)
    assert release(sync) == Released()
    assert start(sync).created
    assert release(sync).slot_dropped


def test_another_sync_of_the_same_target_is_left_alone(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    other = a_sync(source_db.endpoint, target_db.endpoint, "other")
    start(other)
    before = control_rows(target_db, "other")
    release(sync)
    assert control_rows(target_db, "other") == before > 0
    assert left(source_db) == (1, 1, "f")  # the other one publishes the table, and may need FULL


@pytest.mark.parametrize("missing", ["slot", "publication", "table"])
def test_what_is_gone_already_is_no_error(sync: Sync, source_db: Database, missing: str) -> None:
    source_db.execute(
        {
            "slot": "SELECT pg_drop_replication_slot('adbsync_shop')",
            "publication": "DROP PUBLICATION adbsync_shop",
            "table": "DROP TABLE keyless",
        }[missing]
    )
    released = release(sync)
    assert released.slot_dropped is (missing != "slot")
    assert released.publication_dropped is (missing != "publication")
    assert left(source_db)[:2] == (0, 0)


def test_a_crash_halfway_is_healed_by_running_again(
    sync: Sync, source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(replica_identity, "restore", crash)
        with pytest.raises(InterruptedError):
            release(sync)
    assert left(source_db) == (0, 0, "f")
    with pytest.raises(SlotMissing):
        start(sync)
    assert release(sync).identities_restored
    assert left(source_db) == (0, 0, "d")
    assert control_rows(target_db) == 0


def test_an_applier_that_runs_keeps_the_sync(sync: Sync, source_db: Database, target_db: Database) -> None:
    with session(target_db.endpoint) as applier:
        assert state.ownership.try_own(applier, "shop")
        state.progress.take(applier, "shop", "worker-7")
        with pytest.raises(SyncRunning, match="being applied by worker-7"):
            release(sync)
        assert left(source_db) == (1, 1, "f")

        assert release(sync, force=True).slot_dropped
        assert not is_alive(applier)
    assert left(source_db) == (0, 0, "d")


def test_a_load_that_runs_keeps_the_sync(sync: Sync, source_db: Database, target_db: Database) -> None:
    with session(target_db.endpoint) as load:
        state.ownership.hold_load(load, "shop")
        with pytest.raises(SyncRunning, match=r"1 load\(s\) of its tables run"):
            release(sync)
        assert left(source_db) == (1, 1, "f")
        with session(target_db.endpoint) as applier:
            assert state.ownership.try_own(applier, "shop")  # a refused release holds nothing

        assert release(sync, force=True).slot_dropped
        assert not is_alive(load)


def test_a_reader_of_the_slot_keeps_the_sync(
    sync: Sync, source_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = slot.drop
    monkeypatch.setattr(
        slot, "drop", lambda *args, **options: drop(*args, wait=timedelta(seconds=0.5), **options)
    )
    with closing(connect_replication(source_db.endpoint)) as reader:
        reader.pgconn.exec_(
            b"START_REPLICATION SLOT adbsync_shop LOGICAL 0/0 "
            b"(proto_version '1', publication_names 'adbsync_shop')"
        )
        with pytest.raises(SyncRunning, match="is being read"):
            release(sync)
        monkeypatch.setattr(slot, "drop", drop)
        assert release(sync, force=True).slot_dropped


def test_a_locked_table_is_said_and_the_rest_done_by_the_next_run(sync: Sync, source_db: Database) -> None:
    with source_db.connect() as holder:
        holder.execute("BEGIN; SELECT FROM keyless")
        with pytest.raises(Exception, match=r"public\.keyless is held by pid"):
            release(sync)
    assert release(sync).identities_restored
    assert left(source_db) == (0, 0, "d")


def test_a_slot_that_the_target_does_not_know_goes_by_force_only(
    source_db: Database, target_db: Database
) -> None:
    source_db.execute("CREATE TABLE keyless (x int)")
    stranger = a_sync(source_db.endpoint, target_db.endpoint)
    slot.create(source_db.endpoint, "adbsync_shop", failover=False)
    released = release(stranger)
    assert not released.known
    assert not released.slot_dropped
    assert left(source_db)[0] == 1
    assert release(stranger, force=True).slot_dropped
    assert left(source_db)[0] == 0


def test_an_unreachable_source_is_forgotten_by_force_only(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    cut_off = Sync(sync.config, replace(source_db.endpoint, port=1), target_db.endpoint)
    with pytest.raises(ConnectionFailed, match="release with force"):
        release(cut_off)
    assert control_rows(target_db) > 0

    released = release(cut_off, force=True)

    assert control_rows(target_db) == 0
    slot_left, identity_left = released.left
    assert "SELECT pg_drop_replication_slot('adbsync_shop'); DROP PUBLICATION \"adbsync_shop\";" in slot_left
    assert identity_left == "replica identity FULL of public.keyless (was DEFAULT)"
    assert left(source_db) == (1, 1, "f")


def test_another_source_is_left_alone(sync: Sync, source_db: Database, target_db: Database) -> None:
    target_db.execute("UPDATE adbsync.sync SET system_identifier = '1'")
    with pytest.raises(SourceSwapped, match="release with force"):
        release(sync)
    released = release(sync, force=True)
    assert len(released.left) == 2
    assert left(source_db) == (1, 1, "f")
    assert control_rows(target_db) == 0


def test_an_unreachable_target_leaves_no_slot_behind_by_force(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    cut_off = Sync(sync.config, source_db.endpoint, replace(target_db.endpoint, port=1))
    with pytest.raises(ConnectionFailed):
        release(cut_off)
    assert left(source_db) == (1, 1, "f")
    released = release(cut_off, force=True)
    assert released.slot_dropped
    assert "adbsync of" in released.left[0]
    assert left(source_db) == (0, 0, "f")


def test_an_older_package_does_not_touch_a_newer_control_schema(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    target_db.execute("UPDATE adbsync.version SET version = 999")
    with pytest.raises(ControlSchemaNewer):
        release(sync)
    assert left(source_db) == (1, 1, "f")
    assert control_rows(target_db) > 0
