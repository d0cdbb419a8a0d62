"""Each batch tells how much was read from the slot by then and still waits to be applied."""

from __future__ import annotations

import time

from airflow_adbsync.engine.model import Lsn
from tests.databases import Database
from tests.integration.applier_thread import ApplierThread
from tests.integration.replicated import begin, load, sync_of

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass"


def test_what_came_while_the_target_was_busy_is_told(source_db: Database, target_db: Database) -> None:
    for database in (source_db, target_db):
        database.execute("CREATE TABLE t (id int PRIMARY KEY)")
    sync = sync_of(source_db, target_db)
    begin(sync)
    load(sync)
    with ApplierThread(sync) as applier:
        applier.wait_until_started()
        with target_db.connect() as late, late.transaction():
            late.execute("LOCK TABLE t IN SHARE MODE")
            source_db.execute("INSERT INTO t VALUES (0)")
            _wait_for(target_db, WAITING)
            source_db.execute("INSERT INTO t SELECT generate_series(1, 10)")
            end = source_db.value("SELECT pg_current_wal_lsn()::text")
            _wait_for(source_db, f"SELECT count(*) FROM pg_stat_replication WHERE write_lsn >= '{end}'")
        applier.wait_until_applied(Lsn(Lsn.parse(end) - 1))
    first, second = applier.batches
    assert (first.changes, first.queued_changes, second.queued_changes) == (1, 10, 0)
    assert first.queued_bytes == second.bytes > 0
    assert second.queued_bytes == 0


def _wait_for(database: Database, query: str) -> None:
    deadline = time.monotonic() + 60
    while not database.value(query):
        assert time.monotonic() < deadline, query
        time.sleep(0.02)
