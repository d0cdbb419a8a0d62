"""What must be found out before anything is applied: each by its own error, and the target untouched."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from airflow_adbsync.engine.errors import (
    AdbsyncError,
    PublicationMissing,
    RelationDrifted,
    RelationNotLoaded,
    SlotAhead,
    SlotLost,
    SlotMissing,
    SourceSwapped,
    SyncUnknown,
)
from airflow_adbsync.engine.events import Event
from airflow_adbsync.engine.replication import CaughtUp, apply
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local import LocalServer
from tests.databases import Database, Server
from tests.integration.replicated import (
    begin,
    catch_up,
    load,
    position,
    progress_of,
    running_sync,
    sync_of,
)

SLOT = "adbsync_replicated"


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    """A sync with one change to be applied."""
    for database in (source_db, target_db):
        database.execute("CREATE TABLE t (id int PRIMARY KEY)")
    source_db.execute("INSERT INTO t VALUES (1)")
    sync = sync_of(source_db, target_db)
    begin(sync)
    load(sync)
    source_db.execute("INSERT INTO t VALUES (2)")
    return sync


def assert_refused(sync: Sync, target: Database, error: type[AdbsyncError], said: str) -> None:
    before = progress_of(sync, target).lsn
    events: list[Event] = []
    with pytest.raises(error, match=said) as raised:
        apply(sync, CaughtUp(), events.append)
    assert not raised.value.retryable
    assert raised.value.remedy
    assert events == []
    assert target.fetch("SELECT id FROM t") == [(1,)]
    assert progress_of(sync, target).lsn == before


def test_a_slot_that_is_gone(sync: Sync, source_db: Database, target_db: Database) -> None:
    source_db.execute("SELECT pg_drop_replication_slot(%s)", SLOT)
    assert_refused(sync, target_db, SlotMissing, SLOT)


def test_a_slot_that_somebody_else_has_read(sync: Sync, source_db: Database, target_db: Database) -> None:
    source_db.execute("SELECT pg_replication_slot_advance(%s, %s::pg_lsn)", SLOT, str(position(source_db)))
    assert_refused(sync, target_db, SlotAhead, "those between are gone")


@pytest.mark.requires(source=13)
def test_a_slot_whose_wal_was_removed(
    target_db: Database, private_server: Callable[..., LocalServer]
) -> None:
    settings = {"max_slot_wal_keep_size": "1MB", "min_wal_size": "32MB", "max_wal_size": "32MB"}
    source = Database(private_server("source", settings=settings).create_database("source"))
    sync = running_sync(source, target_db, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    for number in range(2, 6):
        source.execute(f"INSERT INTO t VALUES ({number})")
        source.execute("SELECT pg_switch_wal()")
        source.execute("CHECKPOINT")
    assert_refused(sync, target_db, SlotLost, "is lost")


def test_a_target_that_was_restored_from_a_backup(
    sync: Sync, source_db: Database, target_db: Database, target_server: Server
) -> None:
    server, name = Database(target_server.endpoint()), f"{target_db.endpoint.database}_backup"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {target_db.endpoint.database}")
    try:
        catch_up(sync, source_db)
        restored = Database(target_server.endpoint(name))
        there = Sync(sync.config, sync.source, restored.endpoint)
        assert_refused(there, restored, SlotAhead, "restored from a backup")
    finally:
        server.execute(f"DROP DATABASE {name}")
    assert target_db.fetch("SELECT id FROM t ORDER BY 1") == [(1,), (2,)]


@pytest.mark.parametrize("what", ["system_identifier = '1'", "timeline = 7", "source_database = 'other'"])
def test_another_source(sync: Sync, target_db: Database, what: str) -> None:
    target_db.execute(f"UPDATE adbsync.sync SET {what}")
    assert_refused(sync, target_db, SourceSwapped, "not the one that sync 'replicated' was started with")


def test_another_server_in_the_source_s_place(
    sync: Sync, target_db: Database, private_server: Callable[..., LocalServer]
) -> None:
    stranger = Database(private_server("source").create_database(sync.source.database))
    stranger.execute("CREATE TABLE t (id int PRIMARY KEY)")
    stranger.execute(f"CREATE PUBLICATION {SLOT} FOR TABLE t")
    stranger.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", SLOT)
    assert_refused(Sync(sync.config, stranger.endpoint, sync.target), target_db, SourceSwapped, "cluster")


def test_a_publication_that_is_gone(sync: Sync, source_db: Database, target_db: Database) -> None:
    source_db.execute(f"DROP PUBLICATION {SLOT}")
    assert_refused(sync, target_db, PublicationMissing, SLOT)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE t RENAME TO renamed",
        "ALTER TABLE t RENAME TO renamed; CREATE TABLE t (id int PRIMARY KEY)",
        "DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY)",
        f"CREATE TABLE u (id int); ALTER PUBLICATION {SLOT} SET TABLE u",
    ],
)
def test_a_table_whose_changes_do_not_arrive_any_more(
    sync: Sync, source_db: Database, target_db: Database, change: str
) -> None:
    source_db.execute(change)
    assert_refused(sync, target_db, RelationDrifted, r"does not hold public\.t any more")


def test_a_table_that_was_given_its_name_back(sync: Sync, source_db: Database, target_db: Database) -> None:
    source_db.execute("ALTER TABLE t RENAME TO renamed")
    source_db.execute("INSERT INTO renamed VALUES (3)")
    with pytest.raises(RelationDrifted):
        apply(sync, CaughtUp())
    source_db.execute("ALTER TABLE renamed RENAME TO t")
    catch_up(sync, source_db)
    assert target_db.fetch("SELECT id FROM t ORDER BY 1") == [(1,), (2,), (3,)]


def test_a_table_that_waits_for_its_load(sync: Sync, target_db: Database) -> None:
    target_db.execute("UPDATE adbsync.relation SET snapshot = NULL")
    assert_refused(sync, target_db, RelationNotLoaded, r"1 of 1 tables .* public\.t")


def test_a_sync_that_was_never_started(source_db: Database, target_db: Database, sync: Sync) -> None:
    other = Sync(sync.config.model_copy(update={"sync_id": "other"}), sync.source, sync.target)
    with pytest.raises(SyncUnknown, match="other"):
        apply(other, CaughtUp())
