"""Replication that is held to a number of rows or bytes a second."""

from __future__ import annotations

import threading
import time

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.replication import AtLsn, apply
from airflow_adbsync.engine.throttle import Limits
from tests.databases import Database
from tests.integration.replicated import assert_same, position, running_sync

TABLE = "CREATE TABLE t (id int PRIMARY KEY, note text)"
ROWS = 6000
CHANGES = f"INSERT INTO t SELECT n, repeat('x', 80) FROM generate_series(1, {ROWS}) n"


@pytest.mark.parametrize("limits", [{"rows": ROWS / 3}, {"bytes": ROWS * 100}], ids=["rows", "bytes"])
def test_a_backlog_is_applied_at_the_pace(
    limits: dict[str, float], source_db: Database, target_db: Database
) -> None:
    sync = running_sync(source_db, target_db, TABLE, throttle=limits)
    source_db.execute(CHANGES)
    source_db.execute("UPDATE t SET note = 'short' WHERE id <= 100")

    begun = time.monotonic()
    apply(sync, AtLsn(position(source_db)))

    assert 1.5 < time.monotonic() - begun < 12
    assert_same(source_db, target_db, "t")


def test_a_limit_can_be_lifted_while_it_runs(source_db: Database, target_db: Database) -> None:
    # At this rate it would take an hour and a half.
    sync = running_sync(source_db, target_db, TABLE, throttle={"rows": 1})
    source_db.execute(CHANGES)
    until = AtLsn(position(source_db))
    applier = threading.Thread(target=apply, args=(sync, until), daemon=True)
    applier.start()
    applier.join(3)
    assert applier.is_alive()
    with target_db.connect() as conn:
        state.throttles.set_limits(conn, sync.sync_id, "incremental", Limits())
    applier.join(60)
    assert not applier.is_alive()
    assert_same(source_db, target_db, "t")
