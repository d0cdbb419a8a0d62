"""Loads that are held to a number of queries, rows or bytes a second, all tasks together."""

from __future__ import annotations

import threading
import time

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.load import Bin, load_bin, plan
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.throttle import Limits
from tests.databases import Database
from tests.integration.started_sync import started_sync

ROWS = 24_000
MADE = "CREATE TABLE {0} (id int, filling text)"
FILLED = f"INSERT INTO {{0}} SELECT n, repeat('x', 86) FROM generate_series(1, {ROWS}) n"
# On the wire: 100 bytes of values, and the lengths.
BYTES = ROWS * (2 + 4 + 4 + 4 + 86)


@pytest.mark.parametrize(
    ("limits", "seconds"),
    [({"rows": ROWS}, 2.0), ({"bytes": BYTES}, 2.0), ({"queries": 1}, 1.0)],
    ids=["rows", "bytes", "queries"],
)
def test_two_tasks_keep_to_the_limit_together(
    limits: dict[str, float], seconds: float, source_db: Database, target_db: Database
) -> None:
    for database in (source_db, target_db):
        for table in ("a", "b"):
            database.execute(MADE.format(table))
    for table in ("a", "b"):
        source_db.execute(FILLED.format(table))
    sync = started_sync(source_db.endpoint, target_db.endpoint, throttle=limits)
    plan(sync)
    bins = [Bin(number, (QualifiedName("public", table),), 0) for number, table in enumerate("ab")]
    tasks = [threading.Thread(target=load_bin, args=(sync, bin_)) for bin_ in bins]
    begun = time.monotonic()
    for task in tasks:
        task.start()
    for task in tasks:
        task.join(60)
    taken = time.monotonic() - begun
    assert seconds * 0.9 < taken < seconds + 3
    assert target_db.value("SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b)") == 2 * ROWS


def test_a_limit_can_be_lifted_while_a_load_runs(source_db: Database, target_db: Database) -> None:
    for database in (source_db, target_db):
        database.execute(MADE.format("a"))
    source_db.execute(FILLED.format("a"))
    # At this rate it would take an hour.
    sync = started_sync(source_db.endpoint, target_db.endpoint, throttle={"rows": ROWS / 3600})
    plan(sync)
    task = threading.Thread(
        target=load_bin, args=(sync, Bin(0, (QualifiedName("public", "a"),), 0)), daemon=True
    )
    task.start()
    task.join(2)
    assert task.is_alive()
    with target_db.connect() as conn:
        state.throttles.set_limits(conn, sync.sync_id, "load", Limits())
    task.join(20)
    assert not task.is_alive()
    assert target_db.value("SELECT count(*) FROM a") == ROWS
