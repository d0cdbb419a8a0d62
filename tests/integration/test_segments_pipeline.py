"""All phases in one go onto a server of segments, while the source is written to."""

from __future__ import annotations

from typing import Any

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.load import load_bin, plan
from airflow_adbsync.engine.precheck import check
from airflow_adbsync.engine.release import release
from airflow_adbsync.engine.sequences import align
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify import raise_on_mismatch, verify
from tests.databases import Database
from tests.integration.applier_thread import ApplierThread
from tests.integration.replicated import assert_equal, begin, position
from tests.integration.traffic import NAMES, ROWS, TABLES, Traffic

SAID: dict[str, Any] = {
    "sync_id": "pipeline",
    "source": "a",
    "target": "b",
    "objects": {"schemas": ["public"]},
    "distribution": {"other_keys": "widen"},
    "storage": {"tables": {"public.event": "ao_row"}},
    "load": {"max_tasks": 2, "retry_for": "60s"},
    "incremental": {"retry_for": "60s"},
}
SEQUENCES = ("ticket", "ledger_id_seq")


def test_all_phases_under_traffic_end_with_the_same(source_db: Database, segments: Database) -> None:
    source_db.execute(TABLES + ROWS)
    sync = Sync(SyncConfig.model_validate(SAID), source_db.endpoint, segments.endpoint)
    report = check(sync)
    assert [item.found for item in report.findings if item.status == "failed"] == []
    begin(sync)

    with Traffic(source_db, rate=30) as traffic:
        schema.create(sync)
        for each in plan(sync).bins:
            load_bin(sync, each)
        schema.finish(sync)
        with ApplierThread(sync) as applier:
            applier.wait_until_started()
            first = position(source_db)
            source_db.execute("INSERT INTO account VALUES (100001, 'a first one', 0)")
            applier.wait_until_applied(first)
            traffic.stop()
            last = position(source_db)
            source_db.execute("INSERT INTO account VALUES (100002, 'the last one', 0)")
            applier.wait_until_applied(last)
    schema.validate(sync)
    raise_on_mismatch(verify(sync))
    align(sync)
    schema.activate(sync)
    release(sync)

    assert traffic.transactions > 30
    assert_equal(source_db, segments, NAMES)
    for name in SEQUENCES:
        query = f"SELECT nextval('{name}')"
        assert segments.value(query) == source_db.value(query), name
    widened = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'seat_place_key'"
    assert segments.value(widened) == "UNIQUE (place, id)"
