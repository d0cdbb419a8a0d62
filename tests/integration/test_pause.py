"""A paused sync carries nothing, in load and in replication, and goes on from where it stood."""

from __future__ import annotations

import threading
import time

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.errors import SyncUnknown
from airflow_adbsync.engine.pacing import pause, resume
from tests.databases import Database
from tests.integration.applier_thread import ApplierThread
from tests.integration.replicated import begin, load, position, sync_of

HELD = 1.5


def test_nothing_is_carried_until_it_is_resumed(source_db: Database, target_db: Database) -> None:
    for database in (source_db, target_db):
        database.execute("CREATE TABLE t (id int PRIMARY KEY)")
    source_db.execute("INSERT INTO t SELECT generate_series(1, 100)")
    sync = sync_of(source_db, target_db)
    begin(sync)

    pause(sync, actor="ada")
    loading = threading.Thread(target=load, args=(sync,))
    loading.start()
    time.sleep(HELD)
    assert loading.is_alive()
    assert target_db.value("SELECT count(*) FROM t") == 0
    resume(sync, actor="ada")
    loading.join(30)
    assert target_db.value("SELECT count(*) FROM t") == 100

    with ApplierThread(sync) as applier:
        applier.wait_until_started()
        pause(sync)
        time.sleep(HELD)
        lsn = position(source_db)
        source_db.execute("INSERT INTO t VALUES (0)")
        time.sleep(HELD)
        assert applier.batches == ()
        resume(sync)
        applier.wait_until_applied(lsn)
    assert target_db.value("SELECT count(*) FROM t") == 101
    with target_db.connect() as conn:
        asked = [(each.actor, each.action) for each in state.actions.read(conn, sync.sync_id)]
    assert asked == [("ada", "resume"), ("ada", "pause")]


def test_an_applier_that_begins_in_a_pause_holds_still_and_leaves_when_it_is_told(
    source_db: Database, target_db: Database
) -> None:
    for database in (source_db, target_db):
        database.execute("CREATE TABLE t (id int PRIMARY KEY)")
    sync = sync_of(source_db, target_db)
    begin(sync)
    load(sync)
    pause(sync)
    source_db.execute("INSERT INTO t VALUES (0)")
    with ApplierThread(sync) as applier:
        applier.wait_until_started()
        time.sleep(HELD)
    assert applier.result().reason == "asked"
    assert target_db.value("SELECT count(*) FROM t") == 0


def test_a_sync_that_is_not_there_is_not_paused(source_db: Database, target_db: Database) -> None:
    with target_db.connect() as conn:
        state.ensure(conn)
        conn.commit()
    with pytest.raises(SyncUnknown):
        pause(sync_of(source_db, target_db))
