"""Starting a sync: once, again, after a crash, with other tables, and where it must not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest

from airflow_adbsync.engine import publication, slot, state
from airflow_adbsync.engine import start as start_module
from airflow_adbsync.engine.catalog import read_relations
from airflow_adbsync.engine.config import Objects, SyncConfig
from airflow_adbsync.engine.connect import connect_replication
from airflow_adbsync.engine.errors import (
    LockNotObtained,
    PublicationMissing,
    SlotLost,
    SlotMissing,
    SlotTaken,
    SourceSwapped,
    SyncRunning,
)
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local import LocalServer
from tests.databases import Database

TABLES = """
    CREATE TABLE a (id int PRIMARY KEY);
    CREATE TABLE b (id int PRIMARY KEY);
    CREATE TABLE heir () INHERITS (a);
    CREATE TABLE log (id int, day date) PARTITION BY RANGE (day);
    CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
"""
# A source before 13 publishes the leaves of a partitioned table.
PUBLISHED = """
    SELECT DISTINCT coalesce(pg_partition_root(prrelid), prrelid)::regclass::text COLLATE "C"
    FROM pg_publication_rel JOIN pg_publication p ON p.oid = prpubid WHERE pubname = %s ORDER BY 1
"""


class Crash(Exception):
    """The process is gone."""


def a_sync(source: Database, target: Database, **objects: tuple[str, ...]) -> Sync:
    config = SyncConfig(
        sync_id="shop", source="a", target="b", objects=Objects(**(objects or {"schemas": ("public",)}))
    )
    return Sync(config, source.endpoint, target.endpoint)


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    source_db.execute(TABLES)
    return a_sync(source_db, target_db)


def published(database: Database) -> list[str]:
    return [name for (name,) in database.fetch(PUBLISHED, "adbsync_shop")]


def find_slot(database: Database) -> slot.Slot | None:
    with database.connect() as conn:
        return slot.find(conn, "adbsync_shop")


def test_publication_slot_and_control_rows_stand(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    source_db.execute("CREATE TABLE unselected (id int)")
    excluding = a_sync(source_db, target_db, schemas=("public",), exclude=("public.unselected",))

    started = start(excluding)

    found = find_slot(source_db)
    assert found is not None
    assert (found.name, found.plugin) == (started.slot_name, "pgoutput") == ("adbsync_shop", "pgoutput")
    assert found.database == source_db.endpoint.database
    assert found.confirmed_flush_lsn == started.lsn
    assert started.created
    assert published(source_db) == ["a", "b", "heir", "log"]
    assert source_db.fetch(
        "SELECT pubinsert, pubupdate, pubdelete, pubtruncate, puballtables, to_jsonb(p) -> 'pubviaroot' "
        "FROM pg_publication p"
    ) == [(True, True, True, True, False, True if source_db.major >= 13 else None)]
    with target_db.connect() as conn:
        record = state.syncs.get(conn, "shop")
        progress = state.progress.find(conn, "shop")
        relations = state.relations.read(conn, "shop")
        (phase,) = state.phases.read(conn, "shop")
    assert record.start_lsn == started.lsn
    assert record.source_database == source_db.endpoint.database
    assert progress is not None
    assert (progress.lsn, progress.owner) == (started.lsn, "")
    assert [str(name) for name in relations] == ["public.a", "public.b", "public.heir", "public.log"]
    assert (phase.phase, phase.state) == ("start", "done")


def test_again_is_the_same(sync: Sync, source_db: Database) -> None:
    first = start(sync)
    before = find_slot(source_db)
    again = start(sync)
    assert (again.lsn, again.created) == (first.lsn, False)
    assert find_slot(source_db) == before


def test_two_at_once_make_one_slot(sync: Sync, source_db: Database) -> None:
    results: list[start_module.Started] = []
    workers = [threading.Thread(target=lambda: results.append(start(sync))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert sorted(result.created for result in results) == [False, True]
    assert len({result.lsn for result in results}) == 1


@pytest.mark.parametrize(
    "point", ["before the publication", "before the slot", "before the slot is written down"]
)
def test_a_crash_at_any_point_is_healed_by_running_again(
    sync: Sync, source_db: Database, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    make_publication = publication.create

    def crash(*_: object, **__: object) -> None:
        raise Crash

    def publication_then_crash(*args: object, **kwargs: object) -> None:
        make_publication(*args, **kwargs)  # type: ignore[arg-type]
        raise Crash

    with monkeypatch.context() as patch:
        if point == "before the publication":
            patch.setattr(publication, "create", crash)
        elif point == "before the slot":
            patch.setattr(publication, "create", publication_then_crash)
        else:
            patch.setattr(state.syncs, "set_start", crash)
        with pytest.raises(Crash):
            start(sync)
    early = find_slot(source_db)
    source_db.execute("INSERT INTO b VALUES (1)")

    started = start(sync)

    found = find_slot(source_db)
    assert started.created
    assert found is not None
    assert found.confirmed_flush_lsn == started.lsn
    assert early is None or (early.confirmed_flush_lsn or 0) < started.lsn
    assert published(source_db) == ["a", "b", "heir", "log"]


@pytest.mark.parametrize("kind", ["slot", "publication"])
def test_what_somebody_else_made_is_not_taken(
    sync: Sync, source_db: Database, target_db: Database, kind: str
) -> None:
    source_db.execute(
        "SELECT pg_create_logical_replication_slot('adbsync_shop', 'pgoutput')"
        if kind == "slot"
        else "CREATE PUBLICATION adbsync_shop"
    )
    for _ in range(2):  # nor by the second try
        with pytest.raises(SlotTaken, match=f"a {kind} adbsync_shop exists"):
            start(sync)
    assert target_db.value("SELECT count(*) FROM adbsync.sync") == 0


def test_a_slot_that_went_away_is_missing(sync: Sync, source_db: Database) -> None:
    start(sync)
    source_db.execute("SELECT pg_drop_replication_slot('adbsync_shop')")
    with pytest.raises(SlotMissing):
        start(sync)
    assert find_slot(source_db) is None


def test_a_publication_that_went_away_is_missing(sync: Sync, source_db: Database) -> None:
    start(sync)
    source_db.execute("DROP PUBLICATION adbsync_shop")
    with pytest.raises(PublicationMissing):
        start(sync)
    assert published(source_db) == []


def test_another_database_is_not_the_source(sync: Sync, target_db: Database, source_server: object) -> None:
    start(sync)
    target_db.execute("UPDATE adbsync.sync SET system_identifier = '1'")
    with pytest.raises(SourceSwapped, match=r"cluster \d+ instead of 1"):
        start(sync)


@pytest.mark.requires(source=13)  # max_slot_wal_keep_size
def test_a_slot_whose_wal_is_gone_is_lost(
    private_server: Callable[..., LocalServer], target_db: Database
) -> None:
    server = private_server(
        "source", settings={"max_slot_wal_keep_size": "1MB", "min_wal_size": "32MB", "max_wal_size": "32MB"}
    )
    source = Database(server.endpoint())
    source.execute("CREATE TABLE a (id int PRIMARY KEY)")
    sync = a_sync(source, target_db)
    start(sync)
    for _ in range(4):
        source.execute("INSERT INTO a SELECT coalesce(max(id), 0) + 1 FROM a")
        source.execute("SELECT pg_switch_wal()")
    source.execute("CHECKPOINT")
    with pytest.raises(SlotLost):
        start(sync)


def test_a_changed_selection_changes_the_publication(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    first = start(a_sync(source_db, target_db, tables=("public.a", "public.b")))
    assert published(source_db) == ["a", "b"]

    again = start(a_sync(source_db, target_db, tables=("public.b", "public.log")))

    assert published(source_db) == ["b", "log"]
    assert (again.lsn, again.created) == (first.lsn, False)
    with target_db.connect() as conn:
        assert set(state.relations.read(conn, "shop")) == {
            QualifiedName("public", "b"),
            QualifiedName("public", "log"),
        }


def test_an_added_table_waits_for_those_who_wrote_to_it_before(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    """Their changes are not delivered, so the load must come after their commit."""
    start(a_sync(source_db, target_db, tables=("public.a",)))
    done = threading.Event()

    def add() -> None:
        start(a_sync(source_db, target_db, tables=("public.a", "public.b")))
        done.set()

    worker = threading.Thread(target=add)
    with source_db.connect() as writer:
        writer.execute("BEGIN; INSERT INTO b VALUES (1)")
        worker.start()
        deadline = time.monotonic() + 30
        while published(source_db) != ["a", "b"]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert not done.wait(0.5)
        writer.execute("COMMIT")
        worker.join(timeout=30)
    assert done.is_set()


def test_a_slot_waits_for_writers_and_names_those_that_stay(source_db: Database) -> None:
    source_db.execute("CREATE TABLE t (x int)")
    with source_db.connect() as writer:
        pid = writer.info.backend_pid
        writer.execute("SET application_name = 'long import'; BEGIN; INSERT INTO t VALUES (1)")
        with pytest.raises(LockNotObtained) as caught:
            slot.create(source_db.endpoint, "adbsync_shop", failover=False, within=timedelta(seconds=1))
    assert f"pid {pid}" in caught.value.what
    assert "long import, idle in transaction" in caught.value.what
    assert find_slot(source_db) is None


def test_who_is_waited_for_is_logged(
    source_db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("airflow_adbsync.engine.blockers.waiting._FIRST_WORD", 0.2)
    source_db.execute("CREATE TABLE t (x int)")
    with source_db.connect() as writer:
        pid = writer.info.backend_pid
        writer.execute("BEGIN; INSERT INTO t VALUES (1)")
        with pytest.raises(LockNotObtained):
            slot.create(source_db.endpoint, "adbsync_shop", failover=False, within=timedelta(seconds=2))
    assert f"creating slot adbsync_shop waits for open transactions: pid {pid}" in caplog.text


@pytest.mark.requires(source=13)  # publish_via_partition_root
def test_the_publication_names_ordinary_tables_alone(sync: Sync, source_db: Database) -> None:
    """Without ONLY, publishing a parent would publish its heirs too."""
    with source_db.connect() as conn:
        relations = read_relations(conn, Objects(tables=("public.a",)))
        publication.create(conn, "adbsync_shop", relations, via_root=True)
        assert published(source_db) == ["a"]
        publication.drop(conn, "adbsync_shop")
        publication.drop(conn, "adbsync_shop")
        assert publication.find(conn, "adbsync_shop") is None


def test_a_slot_that_is_read_is_not_dropped(source_db: Database) -> None:
    slot.create(source_db.endpoint, "adbsync_shop", failover=False)
    with source_db.connect() as conn, closing(connect_replication(source_db.endpoint)) as reader:
        conn.execute("CREATE PUBLICATION adbsync_shop")
        reader.pgconn.exec_(
            b"START_REPLICATION SLOT adbsync_shop LOGICAL 0/0 "
            b"(proto_version '1', publication_names 'adbsync_shop')"
        )
        with pytest.raises(SyncRunning, match=r"is being read \(pid \d+"):
            slot.drop(conn, "adbsync_shop", wait=timedelta(milliseconds=200))
        assert slot.drop(conn, "adbsync_shop", end_reader=True)
        assert not slot.drop(conn, "adbsync_shop")


@pytest.mark.requires(target=17)
def test_a_slot_on_17_and_newer_is_kept_on_standbys(target_db: Database) -> None:
    slot.create(target_db.endpoint, "adbsync_shop", failover=True)
    with target_db.connect() as conn:
        found = slot.find(conn, "adbsync_shop")
        assert found is not None
        assert found.failover
        assert not found.lost
        assert slot.drop(conn, "adbsync_shop")
