"""How far the target is behind, and whether it has come to a place, as seen from outside the applier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.errors import ConfigError, ConnectionFailed, SyncUnknown
from airflow_adbsync.engine.model import Endpoint, Lsn
from airflow_adbsync.engine.replication import AtLsn, AtTime, CaughtUp, Goal, LagReader
from airflow_adbsync.engine.replication.lag import SourcePosition, TargetProgress, seconds_behind
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.started_sync import started_sync

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOON - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (TargetProgress(Lsn(100), ago(9), None, ago(99)), 0.0),
        (TargetProgress(Lsn(101), ago(9), None, ago(99)), 0.0),
        (TargetProgress(Lsn(99), ago(9), None, ago(99)), 9.0),
        (TargetProgress(Lsn(99), ago(9), ago(4), ago(99)), 4.0),
        (TargetProgress(Lsn(99), ago(3), ago(4), ago(99)), 3.0),
        (TargetProgress(Lsn(99), None, None, ago(99)), 99.0),
        # The target's clock is ahead of the source's.
        (TargetProgress(Lsn(99), None, None, ago(-5)), 0.0),
    ],
)
def test_seconds_count_from_the_last_moment_that_is_known_to_be_there(
    progress: TargetProgress, expected: float
) -> None:
    assert seconds_behind(SourcePosition(Lsn(100), NOON, None, None), progress) == expected


@pytest.fixture
def sync(source: Endpoint, target: Endpoint, source_db: Database) -> Sync:
    source_db.execute("CREATE TABLE t (id int PRIMARY KEY)")
    sync = started_sync(source, target)
    with connect(target) as conn:
        state.progress.begin(conn, sync.sync_id, position(source_db))
    return sync


def position(source: Database) -> Lsn:
    return Lsn.parse(source.value("SELECT pg_current_wal_insert_lsn()::text"))


def advance(sync: Sync, lsn: Lsn, commit_time: datetime | None = None) -> None:
    with connect(sync.target) as conn:
        state.progress.advance(conn, sync.sync_id, epoch=0, lsn=lsn, commit_time=commit_time)


async def test_bytes_are_those_of_the_log_between(sync: Sync, source_db: Database) -> None:
    advance(sync, position(source_db))
    source_db.execute("INSERT INTO t SELECT n FROM generate_series(1, 1000) AS n")
    async with LagReader(sync) as reader:
        sample = await reader.read()
    assert 50_000 < sample.lag_bytes < 10_000_000
    assert sample.retained_bytes is None, "there is no slot"


async def test_a_slot_tells_what_it_keeps(sync: Sync, source_db: Database) -> None:
    source_db.execute(f"SELECT pg_create_logical_replication_slot('{sync.slot_name}', 'pgoutput')")
    async with LagReader(sync) as reader:
        sample = await reader.read()
    assert sample.retained_bytes is not None
    assert sample.retained_bytes >= 0
    assert reader.source is not None
    assert reader.source.wal_status in {"reserved", None}


async def test_an_idle_source_does_not_look_far_behind(sync: Sync, source_db: Database) -> None:
    """Somebody writes log that is not for us; the applier passes it without a commit that tells the time."""
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    with connect(sync.target) as conn:
        conn.execute("UPDATE adbsync.sync SET created_at = %s", (long_ago,))
    advance(sync, position(source_db), long_ago)
    async with LagReader(sync) as reader:
        source_db.execute("SELECT txid_current()")
        first = await reader.read()
        await reader.store(first)
        assert first.source_lsn is not None
        advance(sync, first.source_lsn)
        source_db.execute("SELECT txid_current()")
        second = await reader.read()
    assert first.lag_seconds > 3000
    assert second.lag_bytes > 0
    assert second.lag_seconds < 60


async def test_what_was_seen_before_a_restart_is_remembered(sync: Sync, source_db: Database) -> None:
    async with LagReader(sync) as reader:
        await reader.store(await reader.read())
    with connect(sync.target) as conn:
        stored = state.lag.latest(conn, sync.sync_id)
        conn.execute("UPDATE adbsync.sync SET created_at = now() - interval '1 hour'")
    assert stored is not None
    assert stored.source_lsn is not None
    advance(sync, stored.source_lsn)
    source_db.execute("SELECT txid_current()")
    async with LagReader(sync) as reader:
        sample = await reader.read()
    assert sample.lag_seconds < 60


async def test_a_broken_connection_is_made_anew(sync: Sync, source_db: Database) -> None:
    async with LagReader(sync) as reader:
        await reader.read()
        source_db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with pytest.raises(ConnectionFailed):
            await reader.read()
        await reader.read()


async def test_an_unknown_sync_is_named(sync: Sync) -> None:
    with connect(sync.target) as conn:
        state.syncs.forget(conn, sync.sync_id)
    async with LagReader(sync) as reader:
        with pytest.raises(SyncUnknown, match="'shop'"):
            await reader.read()
    async with Goal(sync, AtLsn(Lsn(1))) as goal:
        with pytest.raises(SyncUnknown, match="'shop'"):
            await goal.reached()


async def test_an_lsn_is_reached_when_the_progress_is_there(sync: Sync, source_db: Database) -> None:
    place = position(source_db)
    advance(sync, Lsn(place - 1))
    async with Goal(sync, AtLsn(place)) as goal:
        assert not await goal.reached()
        advance(sync, place)
        assert await goal.reached()


async def test_a_moment_becomes_a_place_once_and_not_before_it_has_passed(
    sync: Sync, source_db: Database
) -> None:
    advance(sync, Lsn(1))
    clock = source_db.value("SELECT clock_timestamp()")
    async with Goal(sync, AtTime(clock + timedelta(hours=1))) as goal:
        assert not await goal.reached()
        assert goal.lsn is None
    before = position(source_db)
    async with Goal(sync, AtTime(clock)) as goal:
        assert not await goal.reached()
        place = goal.lsn
        assert place is not None
        assert place >= before
        source_db.execute("INSERT INTO t VALUES (1)")
        assert not await goal.reached()
        assert goal.lsn == place, "a place that moves with the traffic is never reached"
        advance(sync, place)
        assert await goal.reached()


def test_there_must_be_a_place(sync: Sync) -> None:
    with pytest.raises(ConfigError, match="no place"):
        Goal(sync, CaughtUp())
