"""Exactly once: whoever is killed, and whenever, the target ends up as the source is.

Writers are at work from before the first phase until the end.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator

import pytest

from airflow_adbsync.engine.events import BatchApplied
from airflow_adbsync.engine.load import Bin, load_bin, plan
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.replication import AtLsn
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.applier_child import ApplierChild
from tests.integration.replicated import assert_equal, begin, catch_up, load, position, progress_of, sync_of
from tests.integration.traffic import NAMES, ROWS, TABLES, Traffic

_LOG = logging.getLogger(__name__)


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    source_db.execute(TABLES)
    target_db.execute(TABLES)
    source_db.execute(ROWS)
    return sync_of(source_db, target_db)


@pytest.fixture
def traffic(sync: Sync, source_db: Database) -> Iterator[Traffic]:
    with Traffic(source_db) as traffic:
        _LOG.info("The seed of the traffic is %d.", traffic.seed)
        yield traffic


def test_an_applier_that_is_killed_again_and_again(
    sync: Sync,
    traffic: Traffic,
    source_db: Database,
    target_db: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every other one has its hot path in Python."""
    begin(sync)
    load(sync)
    pick = random.Random(traffic.seed)
    for turn in range(5):
        monkeypatch.setenv("ADBSYNC_PURE", "1" if turn % 2 else "")
        with ApplierChild(sync) as applier:
            applier.wait_until_started()
            time.sleep(pick.uniform(0, 1.5))
            applier.kill()
        assert target_db.value("SELECT sum(amount) FROM ledger") == 0
    # And once before it has come to its first batch.
    with ApplierChild(sync):
        time.sleep(pick.uniform(0.2, 0.8))
    traffic.stop()
    monkeypatch.setenv("ADBSYNC_PURE", "1")
    with ApplierChild(sync, AtLsn(position(source_db))) as applier:
        applier.wait_for(BatchApplied)
        assert applier.wait() == 0

    assert traffic.transactions > 500
    assert_equal(source_db, target_db, NAMES)


def test_tables_that_are_loaded_at_different_times(
    sync: Sync, traffic: Traffic, source_db: Database, target_db: Database
) -> None:
    begin(sync)
    tables = [table for bin_ in plan(sync).bins for table in bin_.tables]
    for number, table in enumerate(tables):
        load_bin(sync, Bin(number, (table,), 0))
        time.sleep(0.2)
    traffic.stop()
    catch_up(sync, source_db)

    assert traffic.transactions > 200
    assert_equal(source_db, target_db, NAMES)


def test_tables_that_are_loaded_again_while_they_are_replicated(
    sync: Sync, traffic: Traffic, source_db: Database, target_db: Database
) -> None:
    begin(sync)
    load(sync)
    with ApplierChild(sync) as applier:
        applier.wait_until_started()
        for name in ("account", "ledger", "doc", "seat", "event", "visit", "account"):
            load_bin(sync, Bin(0, (QualifiedName("public", name),), 0), reload=True)
            time.sleep(0.3)
        traffic.stop()
        end = position(source_db)
        _wait_until_applied(sync, applier, target_db, end)

    assert_equal(source_db, target_db, NAMES)


def _wait_until_applied(sync: Sync, applier: ApplierChild, target: Database, end: int) -> None:
    deadline = time.monotonic() + 60
    while progress_of(sync, target).lsn < end:
        assert time.monotonic() < deadline, applier.seen[-3:]
        time.sleep(0.1)
