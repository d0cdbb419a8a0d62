"""Two hundred sensors on one triggerer: its event loop stays free, and the servers hardly notice them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.triggers.base import BaseTrigger

from airflow_adbsync.engine.model import Endpoint, Lsn
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.triggers.applier_child import ApplierChild
from airflow_adbsync.triggers.replicated_up_to import ReplicatedUpToTrigger
from airflow_adbsync.triggers.slot_health import SlotHealthTrigger
from airflow_adbsync.triggers.slot_lag import SlotLagTrigger
from tests.airflow import shop
from tests.databases import Database

COMMON: dict[str, Any] = {
    "config": {
        "sync_id": "shop",
        "source": "shop_source",
        "target": "shop_target",
        "objects": {"schemas": ["shop", "Back Office"]},
    },
    "poke_interval": 0.5,
}


@pytest.fixture
def moved(connection: Callable[..., str], source_db: Database, target_db: Database) -> Sync:
    shop.make_shop(source_db)
    for conn_id, database in (("shop_source", source_db), ("shop_target", target_db)):
        connection(
            conn_id, Endpoint.from_json(database.endpoint.to_json() | {"application_name": "many_sensors"})
        )
    sync = shop.sync(source_db, target_db)
    shop.move(sync)
    return sync


async def test_two_hundred_at_once_share_a_connection_to_each_side_and_leave_the_loop_free(
    moved: Sync, source_db: Database, target_db: Database
) -> None:
    source_db.execute("INSERT INTO shop.orders (total) SELECT n FROM generate_series(1, 20000) AS n")
    lsn = source_db.value("SELECT pg_current_wal_insert_lsn()::text")
    moment = source_db.value("SELECT clock_timestamp()").isoformat()
    soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    triggers: list[BaseTrigger] = [
        *(SlotLagTrigger(**COMMON, max_bytes=1000 + n) for n in range(50)),
        *(ReplicatedUpToTrigger(**COMMON, until={"until": "lsn", "value": lsn}) for _ in range(50)),
        *(ReplicatedUpToTrigger(**COMMON, until={"until": "time", "value": moment}) for _ in range(50)),
        *(SlotHealthTrigger(**COMMON, watch_until=soon) for _ in range(50)),
    ]

    asked_before = questions(source_db)
    waiting = [asyncio.create_task(first_event(trigger)) for trigger in triggers]
    watching = asyncio.create_task(longest_block(lambda: all(task.done() for task in waiting)))
    await asyncio.sleep(2)
    open_meanwhile = await asyncio.to_thread(connections, source_db, target_db)
    asked = await asyncio.to_thread(questions, source_db) - asked_before
    assert not any(task.done() for task in waiting), "nothing is applied yet"
    until = {"until": "lsn", "value": str(Lsn(Lsn.parse(lsn) + 1))}
    async with ApplierChild.running(moved, until, lambda line: None) as applier:
        events = await asyncio.gather(*waiting)
        await applier.exit_code()

    assert [event["status"] for event in events] == ["success"] * 200
    assert open_meanwhile == [1, 1]
    assert await watching < 0.2, "from there on the triggerer says that its loop is blocked"
    assert asked < 60, "the source is asked once for all, not 200 times in each half second"
    assert await asyncio.to_thread(connections, source_db, target_db) == [0, 0]


async def first_event(trigger: Any) -> dict[str, Any]:
    async with asyncio.timeout(60):
        return (await anext(trigger.run())).payload  # type: ignore[no-any-return]


async def longest_block(done: Callable[[], bool]) -> float:
    """For how long the loop did not come round at the longest, less what a busy machine takes from all."""
    loop = asyncio.get_running_loop()
    pulse = Pulse()
    pulse.start()
    longest = 0.0
    while not done():
        before = loop.time()
        await asyncio.sleep(0.005)
        longest = max(longest, loop.time() - before - pulse.late_since(before))
    pulse.ended.set()
    return longest


class Pulse(threading.Thread):
    """Wakes every 5 ms, and knows how late the machine let it."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self._late: list[tuple[float, float]] = []

    def run(self) -> None:
        while not self.ended.is_set():
            before = time.monotonic()
            time.sleep(0.005)
            now = time.monotonic()
            self._late.append((now, now - before - 0.005))

    def late_since(self, moment: float) -> float:
        return max((late for now, late in self._late[-100:] if now >= moment), default=0.0)


def connections(*databases: Database) -> list[int]:
    """How many of the sensors' connections each database has."""
    query = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'many_sensors'
    """
    return [database.value(query) for database in databases]


def questions(database: Database) -> int:
    """How many transactions there were in the last moments, each question being one."""
    return int(database.value("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"))
