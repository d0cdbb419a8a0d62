"""Columns of the source that are others than those that were loaded, under the same names."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.errors import RelationDrifted
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.applier_thread import ApplierThread
from tests.integration.replicated import assert_same, follow, load, position, running_sync

TABLE = "CREATE TABLE t (id int PRIMARY KEY, a int, b int)"
ROWS = "INSERT INTO t SELECT n, n, -n FROM generate_series(1, 9) n"
SELECTED = "(SELECT id, a, b FROM t)"


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    return running_sync(source_db, target_db, TABLE, ROWS, retry_for="2s", ddl="add_columns")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ALTER TABLE t RENAME a TO x; ALTER TABLE t RENAME b TO a; ALTER TABLE t RENAME x TO b", ": a, b"),
        ("ALTER TABLE t DROP b; ALTER TABLE t ADD b int DEFAULT 7", ": b"),
    ],
)
def test_nothing_is_applied_until_the_table_is_loaded_again(
    sync: Sync, source_db: Database, target_db: Database, change: str, said: str
) -> None:
    source_db.execute("INSERT INTO t VALUES (10, 10, -10)")
    follow(sync)
    before = target_db.fetch("SELECT * FROM t ORDER BY 1")
    source_db.execute(change)

    # Before anything is written to it, and after.
    for write in ("", "UPDATE t SET a = 0 WHERE id = 1"):
        source_db.execute(write or "SELECT 1")
        with pytest.raises(RelationDrifted, match=f"than when it was loaded{said}\\."):
            follow(sync)
        assert target_db.fetch("SELECT * FROM t ORDER BY 1") == before
    load(sync, reload=True)
    source_db.execute("UPDATE t SET b = 5 WHERE id = 2")
    follow(sync)
    assert_same(source_db, target_db, SELECTED)


def test_an_applier_that_runs_meets_them_before_it_writes(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    with ApplierThread(sync) as applier:
        applier.wait_until_started()
        before = position(source_db)
        source_db.execute("UPDATE t SET a = 0 WHERE id = 1")
        applier.wait_until_applied(before)
        source_db.execute(
            "BEGIN; ALTER TABLE t DROP b; ALTER TABLE t ADD b int; UPDATE t SET b = 1 WHERE id = 2; COMMIT"
        )
        assert isinstance(applier.failure(), RelationDrifted)
    assert target_db.value("SELECT count(*) FROM t WHERE b < 0") == 9


def test_columns_that_came_later_are_known_too(sync: Sync, source_db: Database, target_db: Database) -> None:
    source_db.execute("ALTER TABLE t ADD c int; UPDATE t SET c = id")
    follow(sync)
    source_db.execute("VACUUM t")
    source_db.execute("UPDATE t SET c = 2 * c WHERE id > 3")
    follow(sync)
    assert_same(source_db, target_db, "t")
    source_db.execute("ALTER TABLE t DROP c; ALTER TABLE t ADD c int")

    with pytest.raises(RelationDrifted, match=": c"):
        follow(sync)
