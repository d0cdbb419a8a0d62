"""A transaction of a million changed rows is applied whole, in bounded memory."""

from __future__ import annotations

import logging
import time

import pytest

from airflow_adbsync.engine.events import BatchApplied
from tests.databases import Database
from tests.integration.applier_child import ApplierChild
from tests.integration.replicated import begin, load, sync_of

_LOG = logging.getLogger(__name__)
ROWS = 1_000_000
ALLOWED = 400 << 20
FINGERPRINT = "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM t"


def test_an_update_of_a_million_rows(
    source_db: Database, target_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for database in (source_db, target_db):
        database.execute("CREATE TABLE t (id int PRIMARY KEY, n int, note text)")
    source_db.execute(f"INSERT INTO t SELECT n, n, 'note ' || n FROM generate_series(1, {ROWS}) n")
    sync = sync_of(source_db, target_db)
    begin(sync)
    load(sync)
    source_db.execute("UPDATE t SET n = -n")

    began = time.monotonic()
    with ApplierChild(sync) as applier:
        # A source before 15 sends empty transactions too.
        while not (batch := applier.wait_for(BatchApplied, within=120)).changes:
            pass
        seconds = time.monotonic() - began
        memory = applier.peak_memory()

    assert (batch.transactions, batch.changes, batch.rows) == (1, ROWS, ROWS)
    _LOG.info("%.1f s, %d MB at most.", seconds, memory >> 20)
    assert memory < ALLOWED
    assert target_db.fetch(FINGERPRINT) == source_db.fetch(FINGERPRINT)
