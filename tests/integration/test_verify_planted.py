"""Differences planted among many rows under live writes: found, all of them, nothing else, and repaired."""

from __future__ import annotations

from datetime import timedelta

import pytest

from airflow_adbsync.engine.config import VerifyOptions
from airflow_adbsync.engine.errors import VerificationMismatch
from airflow_adbsync.engine.verify import raise_on_mismatch, verify
from tests.databases import Database
from tests.integration.applier_thread import ApplierThread
from tests.integration.planted import FOUND, PLANT, TABLES, Writes, fill
from tests.integration.replicated import assert_equal, catch_up, running_sync

ROWS = 100_000
OPTIONS = VerifyOptions(chunk_rows=20_000, settle=timedelta(seconds=30))


def test_planted_differences_are_found_and_repaired_under_live_writes(
    source_db: Database, target_db: Database
) -> None:
    sync = running_sync(source_db, target_db, TABLES, fill(ROWS))
    with ApplierThread(sync) as applier, Writes(source_db, ROWS) as writes:
        applier.wait_until_started()
        target_db.execute(PLANT)

        results = {result.name.name: result for result in verify(sync, options=OPTIONS)}
        assert {
            (name, row.kind, row.key)
            for name, result in results.items()
            for row in result.keys
            if row.kind != "unsettled"
        } == FOUND
        big, log = results["big"], results["log"]
        assert (big.differing, big.missing_on_target, big.missing_on_source) == (3, 2, 2)
        assert (log.differing, log.missing_on_target, log.missing_on_source) == (0, 2, 2)
        with pytest.raises(VerificationMismatch, match=r"2 of 3 tables differ: public\.big .*id="):
            raise_on_mismatch(list(results.values()))

        repaired = verify(sync, options=OPTIONS.replaced(repair=True))
        raise_on_mismatch(repaired)
        assert [result.repaired for result in repaired] == [7, 0, 4]
        raise_on_mismatch(verify(sync, options=OPTIONS))
        assert writes.transactions > 100
    catch_up(sync, source_db)
    assert_equal(source_db, target_db, ("big", "log", "hot"))
