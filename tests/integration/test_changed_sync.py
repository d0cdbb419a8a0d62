"""Tables that join and leave a sync while it replicates, and filters that change."""

from __future__ import annotations

import time

import pytest

from airflow_adbsync.engine import load, schema
from airflow_adbsync.engine.changes import changes
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.replication import request_stop
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.applier_child import ApplierChild
from tests.integration.replicated import assert_equal, assert_same, begin, catch_up
from tests.integration.traffic import NAMES, ROWS, TABLES, Traffic

FIRST = ["public.account", "public.ledger", "public.seat"]
ALL = [f"public.{name}" for name in NAMES]


def sync_of(source: Database, target: Database, selected: list[str], **options: object) -> Sync:
    config = SyncConfig.model_validate(
        {
            "sync_id": "changed",
            "source": "a",
            "target": "b",
            "objects": {"tables": selected},
            "incremental": {"retry_for": "20s"},
            "load": {"chunk_bytes": "1MB"},
            **options,
        }
    )
    return Sync(config, source.endpoint, target.endpoint)


def move(sync: Sync) -> None:
    """What a DAG run does before incremental."""
    begin(sync)
    schema.create(sync)
    for each in load.plan(sync).bins:
        load.load_bin(sync, each)
    schema.finish(sync)


def test_tables_join_and_leave_under_traffic(source_db: Database, target_db: Database) -> None:
    source_db.execute(TABLES)
    source_db.execute(ROWS)
    with Traffic(source_db) as traffic:
        move(sync_of(source_db, target_db, FIRST))
        with ApplierChild(sync_of(source_db, target_db, FIRST)) as applier:
            applier.wait_until_started()
            time.sleep(0.5)
            some = [*FIRST, "public.doc", "public.event"]
            for tables in (some, ALL):
                joined = sync_of(source_db, target_db, tables)
                plan = changes(joined)
                assert set(map(str, plan.added)) == set(tables) - set(map(str, _listed(target_db)))
                assert not plan.removed
                move(joined)
                time.sleep(0.5)
            left = sync_of(source_db, target_db, [name for name in ALL if name != "public.seat"])
            assert list(map(str, changes(left).removed)) == ["public.seat"]
            move(left)
            seats = target_db.fetch("SELECT * FROM seat ORDER BY id")
            time.sleep(0.5)
            traffic.stop()
            request_stop(left)
            assert applier.wait() == 0

    assert traffic.transactions > 200
    assert_equal(source_db, target_db, [name for name in NAMES if name != "seat"])
    assert target_db.fetch("SELECT * FROM seat ORDER BY id") == seats
    assert source_db.fetch("SELECT * FROM seat ORDER BY id") != seats


def test_a_filter_that_changes_asks_for_a_reload(source_db: Database, target_db: Database) -> None:
    source_db.execute(
        "CREATE TABLE a (id int PRIMARY KEY, n int); INSERT INTO a SELECT n, n FROM "
        "generate_series(1, 9) n; CREATE TABLE b (id int PRIMARY KEY)"
    )
    tables = ["public.a", "public.b"]
    move(sync_of(source_db, target_db, tables))
    catch_up(sync_of(source_db, target_db, tables), source_db)
    filtered = sync_of(source_db, target_db, tables, tables={"public.a": {"where": "n > 5"}})
    plan = changes(filtered)
    assert [(str(name), what) for name, what in plan.reload] == [("public.a", "`where`")]
    assert "a reload is needed" in str(plan)
    begin(filtered)
    source_db.execute("INSERT INTO a VALUES (10, 10), (11, 0); INSERT INTO b VALUES (1)")
    catch_up(filtered, source_db)
    assert target_db.value("SELECT count(*) FROM a") == 9
    with pytest.raises(ConfigError, match="was changed"):
        catch_up(sync_of(source_db, target_db, tables), source_db)

    for each in load.plan(filtered).bins:
        load.load_bin(filtered, each)
    source_db.execute("UPDATE a SET n = 7 WHERE id = 1; UPDATE a SET n = 1 WHERE id = 9")
    catch_up(filtered, source_db)
    assert target_db.fetch("SELECT id FROM a ORDER BY id") == [(1,), (6,), (7,), (8,), (10,)]
    assert changes(filtered).is_empty
    assert_same(source_db, target_db, "b")


def _listed(target: Database) -> list[QualifiedName]:
    rows = target.fetch("SELECT schema_name, table_name FROM adbsync.relation")
    return [QualifiedName(*row) for row in rows]
