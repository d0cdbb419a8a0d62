"""The cut-over: nothing lost and nothing doubled, undone where it fails, and a way back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from airflow_adbsync.engine import cutover, load, schema
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.errors import SwitchedOver
from airflow_adbsync.engine.replication import Stopped, apply
from airflow_adbsync.engine.sync import Sync
from tests import pgbench
from tests.databases import Database
from tests.integration.applier_thread import ApplierThread
from tests.integration.replicated import begin
from tests.pgbench import Pgbench


def moved(source: Database, target: Database, **options: Any) -> Sync:
    """A sync of schema ``public``, loaded."""
    config = SyncConfig.model_validate(
        {
            "sync_id": "moving",
            "source": "a",
            "target": "b",
            "objects": {"schemas": ["public"]},
            "incremental": {"retry_for": "20s"},
            "replica_identity": {"lock_timeout": "10s"},
            **options,
        }
    )
    sync = Sync(config, source.endpoint, target.endpoint)
    begin(sync)
    schema.create(sync)
    for each in load.plan(sync).bins:
        load.load_bin(sync, each)
    schema.finish(sync)
    return sync


def test_there_under_load_and_back(source_db: Database, target_db: Database, tmp_path: Path) -> None:
    pgbench.fill(source_db)
    sync = moved(source_db, target_db, cutover={"reverse": True})
    with Pgbench(source_db, tmp_path) as there, ApplierThread(sync) as applier:
        applier.wait_until_started()
        time.sleep(1)
        made = cutover.switch(sync)
        there.wait()
        applier.result()
    assert 0 < made.seconds < 20
    pgbench.assert_none_lost_or_doubled(source_db, target_db, there)
    assert made == cutover.switch(sync) or cutover.switch(sync).seconds == made.seconds
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        _write_as_others(source_db)
    with pytest.raises(SwitchedOver):
        apply(sync, Stopped())
    with pytest.raises(SwitchedOver):
        cutover.abort(sync)

    back = cutover.find_reverse(sync)
    assert back == made.back
    assert back is not None
    before = target_db.value("SELECT count(*) FROM pgbench_history")
    with Pgbench(target_db, tmp_path) as here, ApplierThread(back) as applier:
        applier.wait_until_started()
        time.sleep(1)
        cutover.switch(back)
        here.wait()
    pgbench.assert_none_lost_or_doubled(target_db, source_db, here, before=before)
    _write_as_others(source_db)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        _write_as_others(target_db)


def _write_as_others(database: Database) -> None:
    """As a session that does not ask for the right to write."""
    endpoint = database.endpoint
    with psycopg.connect(
        host=endpoint.host,
        port=endpoint.port,
        dbname=endpoint.database,
        user=endpoint.user,
        password=endpoint.password,
    ) as conn:
        conn.execute("INSERT INTO pgbench_history (tid, bid, aid, delta) VALUES (1, 1, 1, 0)")
