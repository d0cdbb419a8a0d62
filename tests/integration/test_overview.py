"""What the Sync page reads: one sync as target and source know it, and a page of its thousands of tables."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect_async
from airflow_adbsync.engine.model import Endpoint, Finding, Lsn, QualifiedName, Status
from airflow_adbsync.engine.replication import request_stop, withdraw_stop
from airflow_adbsync.engine.state import TableFilter, TableOrder, TablePage, TableQuestion, read_tables
from airflow_adbsync.engine.state.lag import LagSample
from airflow_adbsync.engine.watch import SlotHold, read_hold
from tests.databases import Database
from tests.integration.replicated import catch_up, running_sync

TABLES = "CREATE TABLE a (id int PRIMARY KEY, t text); CREATE TABLE b (id int PRIMARY KEY);"
ROWS = "INSERT INTO a SELECT n, 'x' FROM generate_series(1, 500) AS n"


async def overview(endpoint: Endpoint, sync_id: str = "replicated") -> state.Overview | None:
    async with await connect_async(endpoint) as conn:
        return await state.read_overview(conn, sync_id)


async def tables(endpoint: Endpoint, sync_id: str = "replicated", **question: object) -> TablePage:
    async with await connect_async(endpoint) as conn:
        return await read_tables(conn, sync_id, TableQuestion(**question))  # type: ignore[arg-type]


async def hold(endpoint: Endpoint, name: str) -> SlotHold:
    async with await connect_async(endpoint) as conn:
        return await read_hold(conn, name)


async def test_a_running_sync_is_read_as_it_is(source_db: Database, target_db: Database) -> None:
    sync = running_sync(source_db, target_db, TABLES, ROWS)
    source_db.execute("UPDATE a SET t = 'y' WHERE id <= 10")
    behind = await hold(source_db.endpoint, sync.slot_name)
    catch_up(sync, source_db)

    seen = await overview(target_db.endpoint)
    assert seen is not None
    assert seen.applying is not None
    assert (seen.tables.tables, seen.tables.loaded, seen.tables.rows) == (2, 2, 500)
    states = {run.phase: run.state for run in seen.phases}
    assert (states["load"], states["incremental"]) == ("done", "done")
    assert seen.applying.changes == 10
    assert seen.applying.lsn >= behind.position.lsn
    assert (seen.applier_pid, seen.loads) == (None, 0)
    assert behind.danger is None
    assert behind.position.wal_status == ("reserved" if source_db.major >= 13 else None)
    assert (behind.position.retained_bytes or 0) > 0
    by_rows = await tables(target_db.endpoint, order=TableOrder.ROWS)
    assert [(line.name.name, line.rows) for line in by_rows.lines] == [("a", 500), ("b", 0)]


async def test_where_nothing_was_started_nothing_is_found(source_db: Database, target_db: Database) -> None:
    assert await overview(target_db.endpoint) is None
    with target_db.connect() as conn, conn.transaction():
        state.ensure(conn)
    assert await overview(target_db.endpoint) is None
    with target_db.connect() as conn, conn.transaction():
        state.findings.replace(conn, "shop", [Finding("wal_level", Status.FAILED, "replica", "ALTER SYSTEM")])
    looked_at = await overview(target_db.endpoint, "shop")
    assert looked_at is not None
    assert looked_at.created_at is None
    assert [each.check for each in looked_at.findings] == ["wal_level"]
    gone = await hold(source_db.endpoint, "adbsync_shop")
    assert not gone.position.has_slot
    assert "anew" in str(gone.danger)


async def test_a_stop_is_asked_for_withdrawn_and_remembered(source_db: Database, target_db: Database) -> None:
    sync = running_sync(source_db, target_db, TABLES)
    at = request_stop(sync, actor="ada")
    seen = await overview(target_db.endpoint)
    assert seen is not None
    assert seen.applying is not None
    assert seen.applying.stop_at == at
    withdraw_stop(sync, actor="bob")
    seen = await overview(target_db.endpoint)
    assert seen is not None
    assert seen.applying is not None
    assert seen.applying.stop_at is None
    assert [(each.actor, each.action, each.detail) for each in seen.actions] == [
        ("bob", "go on", ""),
        ("ada", "stop", f"at {at}"),
    ]


async def test_lag_over_time_fits_a_chart(target_db: Database) -> None:
    with target_db.connect() as conn, conn.transaction():
        state.ensure(conn)
    now = datetime.now(UTC)
    async with await connect_async(target_db.endpoint) as conn:
        for second in range(0, 7200, 12):
            moment = now - timedelta(seconds=second)
            sample = LagSample(moment, second, second / 10, 2 * second, Lsn(1_000_000 - second))
            await state.lag.add(conn, "shop", sample)
        hour = await state.read_lag(conn, "shop", timedelta(hours=1))
        minute = await state.read_lag(conn, "shop", timedelta(minutes=1))
    assert 170 <= len(hour) <= 181
    assert [point.moment for point in hour] == sorted(point.moment for point in hour)
    assert hour[0].lag_bytes > 3500
    assert hour[-1].applied == 1_000_000
    assert len(minute) <= 6


@pytest.fixture
def five_thousand(target_db: Database) -> Database:
    with target_db.connect() as conn, conn.transaction():
        state.ensure(conn)
    target_db.execute(
        """
        INSERT INTO adbsync.relation
            (sync_id, schema_name, table_name, snapshot, rows, bytes, seconds, loaded_at)
        SELECT 'big', 's' || n % 50, 'Table ' || n, CASE WHEN n > 1000 THEN '1:1:' END, n, n * 100, 1, now()
        FROM generate_series(1, 5000) AS n;
        INSERT INTO adbsync.verification
        SELECT 'big', 's' || n % 50, 'Table ' || n, n, n, 'x', CASE WHEN n = 4999 THEN 'y' ELSE 'x' END
        FROM generate_series(2001, 5000) AS n;
        INSERT INTO adbsync.chunk (sync_id, schema_name, table_name, number, condition, snapshot, rows, bytes)
        VALUES ('big', 's7', 'Table 7', 0, '', '1:1:', 70, 700),
               ('big', 's7', 'Table 7', 1, '', NULL, NULL, NULL);
        """
    )
    return target_db


async def test_five_thousand_tables_come_page_by_page(five_thousand: Database) -> None:
    endpoint = five_thousand.endpoint
    started = time.monotonic()
    first = await tables(endpoint, "big")
    assert time.monotonic() - started < 0.5
    assert (first.matching, first.pages, len(first.lines)) == (5000, 100, 50)
    last = await tables(endpoint, "big", page=1000)
    assert last.question.page == 100
    assert not {line.name for line in first.lines} & {line.name for line in last.lines}
    named = await tables(endpoint, "big", text="s7.table 49")
    assert {line.name.schema for line in named.lines} == {"s7"}
    assert all(line.name.name.startswith("Table 49") for line in named.lines)
    largest = await tables(endpoint, "big", order=TableOrder.BYTES, size=1)
    assert largest.lines[0].name == QualifiedName("s0", "Table 5000")
    assert (await tables(endpoint, "big", which=TableFilter.WAITING)).matching == 1000
    (different,) = (await tables(endpoint, "big", which=TableFilter.DIFFERENT)).lines
    assert (different.name.name, different.equal) == ("Table 4999", False)
    (chunked,) = (await tables(endpoint, "big", text="s7.Table 7", which=TableFilter.WAITING, size=1)).lines
    assert (chunked.chunks_loaded, chunked.chunks, chunked.rows, chunked.bytes) == (1, 2, 70, 700)
    assert (await tables(endpoint, "big", text="no such")).lines == ()
