"""Differences among a million rows under live writes, in rows that are being written too."""

from __future__ import annotations

from datetime import timedelta

from airflow_adbsync.engine.config import VerifyOptions
from airflow_adbsync.engine.verify import raise_on_mismatch, verify
from tests.databases import Database
from tests.integration.applier_thread import ApplierThread
from tests.integration.planted import FOUND, PLANT, TABLES, Writes, fill
from tests.integration.replicated import assert_equal, catch_up, running_sync

ROWS = 1_000_000
OPTIONS = VerifyOptions(chunk_rows=100_000, settle=timedelta(seconds=60))
# Every value here is wrong, whether or not somebody writes to the row.
SPOIL = """
    UPDATE big SET b = coalesce(b, '') || '?' WHERE id % 100 = 1;
    UPDATE big SET n = n + 1 WHERE id BETWEEN 1000 AND 4000;
    DELETE FROM big WHERE id BETWEEN 500000 AND 502000 AND id % 10 = 0;
    DELETE FROM log WHERE n BETWEEN 2000 AND 2100;
"""


def test_a_million_rows_under_live_writes(source_db: Database, target_db: Database) -> None:
    sync = running_sync(source_db, target_db, TABLES, fill(ROWS))
    with ApplierThread(sync) as applier, Writes(source_db, ROWS, rate=150):
        applier.wait_until_started()
        raise_on_mismatch(verify(sync, options=OPTIONS))
        target_db.execute(PLANT)
        found = verify(sync, options=OPTIONS)
        assert {
            (result.name.name, row.kind, row.key)
            for result in found
            for row in result.keys
            if row.kind != "unsettled"
        } == FOUND
        raise_on_mismatch(verify(sync, options=OPTIONS.replaced(repair=True)))

        target_db.execute(SPOIL)
        big, _, log = verify(sync, options=OPTIONS.replaced(repair=True))
        raise_on_mismatch([big, log])
        assert big.repaired > 12_000
        assert log.repaired == 101
        raise_on_mismatch(verify(sync, options=OPTIONS))
    catch_up(sync, source_db)
    assert_equal(source_db, target_db, ("big", "log", "hot"))
