"""How replication comes to its end: caught up, at an LSN, at a moment, when asked; on an idle source too."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from airflow_adbsync.engine.errors import SyncUnknown
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication import AtLsn, AtTime, CaughtUp, Stopped, Until, apply, request_stop
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.applier_thread import ApplierThread
from tests.integration.replicated import assert_equal, begin, load, position, progress_of, sync_of

TABLE = "CREATE TABLE t (id int PRIMARY KEY, note text)"


def make(source: Database, target: Database, **incremental: object) -> Sync:
    source.execute(TABLE)
    target.execute(TABLE)
    source.execute("INSERT INTO t VALUES (0, 'loaded')")
    sync = sync_of(source, target, **incremental)
    begin(sync)
    load(sync)
    return sync


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    return make(source_db, target_db)


def clock(source: Database) -> datetime:
    moment: datetime = source.value("SELECT clock_timestamp()")
    return moment


@pytest.mark.parametrize("kind", ["caught up", "lsn", "time"])
def test_an_idle_source(sync: Sync, source_db: Database, target_db: Database, kind: str) -> None:
    source_db.execute("INSERT INTO t VALUES (1, 'x')")
    end = position(source_db)
    ends: dict[str, Until] = {"caught up": CaughtUp(), "lsn": AtLsn(end), "time": AtTime(clock(source_db))}
    began = time.monotonic()

    stopped = apply(sync, ends[kind])

    assert time.monotonic() - began < 15
    assert stopped.reason == "reached"
    assert end <= Lsn.parse(stopped.lsn) == progress_of(sync, target_db).lsn
    assert_equal(source_db, target_db, ["t"])


def test_an_lsn_behind_a_large_transaction_needs_no_second_heartbeat(
    source_db: Database, target_db: Database
) -> None:
    sync = make(source_db, target_db, heartbeat_every="1h")
    source_db.execute("INSERT INTO t SELECT n, repeat('x', 100) FROM generate_series(1, 60000) n")
    with ApplierThread(sync, AtLsn(position(source_db))) as applier:
        assert applier.result(30).reason == "reached"
    assert target_db.value("SELECT count(*) FROM t") == 60001


def test_an_lsn_that_is_passed_already_ends_at_once(sync: Sync) -> None:
    assert apply(sync, AtLsn(Lsn(1))).reason == "reached"


def test_an_lsn_in_the_middle_is_not_overshot_by_more_than_a_batch(
    source_db: Database, target_db: Database
) -> None:
    sync = make(source_db, target_db, max_batch_changes=1)
    source_db.execute("INSERT INTO t VALUES (1, 'x')")
    middle = position(source_db)
    for number in range(2, 30):
        source_db.execute("INSERT INTO t VALUES (%s, 'x')", number)

    apply(sync, AtLsn(middle))

    assert 2 <= target_db.value("SELECT count(*) FROM t") <= 4


def test_a_moment_that_is_still_to_come(sync: Sync, source_db: Database, target_db: Database) -> None:
    moment = clock(source_db) + timedelta(seconds=3)
    with ApplierThread(sync, AtTime(moment)) as applier:
        applier.wait_until_started()
        source_db.execute("INSERT INTO t VALUES (1, 'before')")
        stopped = applier.result()
    assert stopped.reason == "reached"
    assert clock(source_db) > moment
    assert_equal(source_db, target_db, ["t"])


def test_a_moment_of_long_ago(sync: Sync) -> None:
    assert apply(sync, AtTime(datetime(2001, 1, 1, tzinfo=UTC))).reason == "reached"


def test_a_request_to_stop_is_met_behind_all_that_was_there(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    with ApplierThread(sync) as applier:
        applier.wait_until_started()
        source_db.execute("INSERT INTO t SELECT n, 'x' FROM generate_series(1, 20000) n")
        asked = request_stop(sync)
        stopped = applier.result()
    assert stopped.reason == "stop_requested"
    assert asked <= Lsn.parse(stopped.lsn)
    assert_equal(source_db, target_db, ["t"])
    assert progress_of(sync, target_db).stop_at is None


def test_a_request_to_stop_at_an_lsn_to_come_is_met_there(sync: Sync, source_db: Database) -> None:
    at = Lsn(position(source_db) + 50_000)
    with ApplierThread(sync) as applier:
        applier.wait_until_started()
        assert request_stop(sync, at) == at
        time.sleep(2)
        source_db.execute("INSERT INTO t SELECT n, repeat('x', 100) FROM generate_series(1, 2000) n")
        assert Lsn.parse(applier.result().lsn) >= at


def test_a_sync_that_was_never_started_can_not_be_stopped(source_db: Database, target_db: Database) -> None:
    sync = make(source_db, target_db)
    other = Sync(sync.config.model_copy(update={"sync_id": "other"}), sync.source, sync.target)
    with pytest.raises(SyncUnknown, match="other"):
        request_stop(other)


def test_the_progress_of_an_idle_database_moves_on(source_db: Database, target_db: Database) -> None:
    """The slot lets the source forget the WAL that others write."""
    sync = make(source_db, target_db, heartbeat_every="500ms")
    confirmed = (
        "SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = 'adbsync_replicated'"
    )
    with ApplierThread(sync, Stopped()) as applier:
        applier.wait_until_started()
        before = position(source_db)
        deadline = time.monotonic() + 20
        while progress_of(sync, target_db).lsn <= before or Lsn.parse(source_db.value(confirmed)) <= before:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert applier.batches == ()


def test_whoever_calls_can_end_it(sync: Sync) -> None:
    looks = iter([False] * 20)
    assert apply(sync, Stopped(), should_stop=lambda: next(looks, True)).reason == "asked"
