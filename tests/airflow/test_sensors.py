"""The sensors on real servers, in the triggerer's way and in the worker's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum
import pytest
from airflow.sdk import DAG, CronDataIntervalTimetable

from airflow_adbsync.engine import load, replica_identity, replication, schema, sequences
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.sensors.relation_loaded import RelationLoadedSensor
from airflow_adbsync.sensors.replicated_up_to import ReplicatedUpToSensor
from airflow_adbsync.sensors.sequences_moved import SequencesMovedSensor
from airflow_adbsync.sensors.slot_health import SlotHealthSensor
from airflow_adbsync.sensors.slot_lag import SlotLagSensor
from airflow_adbsync.triggers.relation_loaded import RelationLoadedTrigger
from airflow_adbsync.triggers.replicated_up_to import ReplicatedUpToTrigger
from airflow_adbsync.triggers.slot_health import SlotHealthTrigger
from airflow_adbsync.triggers.slot_lag import SlotLagTrigger
from tests.airflow import shop
from tests.airflow.runs import make_known, run, states
from tests.databases import Database

DOCUMENT = {
    "sync_id": "shop",
    "source": "shop_source",
    "target": "shop_target",
    "objects": {"schemas": ["shop", "Back Office"]},
}


@pytest.fixture
def moved(
    airflow_database: None, connection: Callable[..., str], source_db: Database, target_db: Database
) -> Sync:
    """A shop that is moved and that nobody replicates yet."""
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    sync = shop.sync(source_db, target_db)
    shop.move(sync)
    return sync


@pytest.fixture
def begin_applying(moved: Sync) -> Iterator[Callable[[float], None]]:
    """Start an applier so many seconds from now; it is stopped after the test."""
    timers: list[threading.Timer] = []

    def begin(seconds: float) -> None:
        timers.append(threading.Timer(seconds, replication.apply, (moved, replication.Stopped())))
        timers[-1].start()

    yield begin
    replication.request_stop(moved)
    for timer in timers:
        timer.join()


@pytest.mark.parametrize("deferrable", [True, False])
def test_it_waits_until_the_target_holds_what_the_source_had(
    begin_applying: Callable[[float], None], source_db: Database, target_db: Database, deferrable: bool
) -> None:
    source_db.execute("INSERT INTO shop.orders (total) VALUES (1000)")
    now = source_db.value("SELECT clock_timestamp()")
    begin_applying(2)
    with DAG("up_to") as dag:
        ReplicatedUpToSensor(
            task_id="up_to",
            config=shop.CONFIG,
            at=now.isoformat(),
            poke_interval=0.2,
            deferrable=deferrable,
        )
    assert run(dag) == {"up_to": {"success"}}
    assert target_db.value("SELECT count(*) FROM shop.orders WHERE total = 1000") == 1


def test_it_waits_for_the_end_of_the_data_interval_by_default(
    begin_applying: Callable[[float], None], source_db: Database
) -> None:
    begin_applying(0)
    timetable = CronDataIntervalTimetable("0 * * * *", timezone="UTC")
    with DAG("interval", schedule=timetable, start_date=pendulum.datetime(2026, 1, 1)) as dag:
        ReplicatedUpToSensor(task_id="up_to", config=shop.CONFIG, poke_interval=0.2)
    make_known(dag)
    assert states(dag.test(logical_date=pendulum.now("UTC"))) == {"up_to": {"success"}}


def test_a_moment_that_is_still_to_come_is_waited_for(
    begin_applying: Callable[[float], None], source_db: Database, target_db: Database
) -> None:
    begin_applying(0)
    moment = source_db.value("SELECT clock_timestamp() + interval '2 seconds'")
    late = threading.Timer(1, source_db.execute, ("INSERT INTO shop.orders (total) VALUES (1000)",))
    late.start()
    seen = watch(ReplicatedUpToTrigger(**up_to(until="time", value=moment.isoformat())))
    late.join()
    assert seen["status"] == "success"
    assert source_db.value("SELECT clock_timestamp()") >= moment
    assert target_db.value("SELECT count(*) FROM shop.orders WHERE total = 1000") == 1


def test_an_lsn_is_waited_for(begin_applying: Callable[[float], None], source_db: Database) -> None:
    lsn = source_db.value("SELECT pg_current_wal_insert_lsn()::text")
    begin_applying(0)
    seen = watch(ReplicatedUpToTrigger(**up_to(until="lsn", value=lsn)))
    assert seen == {"status": "success", "result": {"lsn": lsn}}


@pytest.mark.parametrize("deferrable", [True, False])
def test_it_waits_until_the_lag_is_small(
    begin_applying: Callable[[float], None], source_db: Database, deferrable: bool
) -> None:
    source_db.execute("INSERT INTO shop.orders (total) SELECT n FROM generate_series(1, 50000) AS n")
    begin_applying(2)
    with DAG("lag") as dag:
        SlotLagSensor(
            task_id="lag",
            config=shop.CONFIG,
            max_bytes=1 << 20,
            max_seconds=60,
            poke_interval=0.2,
            deferrable=deferrable,
        )
    assert run(dag) == {"lag": {"success"}}


def test_a_lag_that_stays_is_waited_for_in_vain(moved: Sync, source_db: Database) -> None:
    source_db.execute("INSERT INTO shop.orders (total) SELECT n FROM generate_series(1, 50000) AS n")
    with DAG("in_vain") as dag:
        SlotLagSensor(
            task_id="lag",
            config=shop.CONFIG,
            max_bytes=1 << 20,
            poke_interval=0.1,
            timeout=1,
            deferrable=False,
        )
    assert run(dag) == {"lag": {"failed"}}


def test_a_server_that_is_away_is_waited_for(
    moved: Sync, connection: Callable[..., str], target_db: Database
) -> None:
    nobody = target_db.endpoint.to_json() | {"host": "127.0.0.1", "port": 9}
    connection("shop_target", type(target_db.endpoint).from_json(nobody))
    impatient = {**DOCUMENT, "incremental": {"retry_for": "500ms"}}
    seen = watch(SlotLagTrigger(config=impatient, max_bytes=1, poke_interval=0.1))
    assert seen["status"] == "error"
    assert seen["error"]["type"] == "ConnectionFailed"


@pytest.mark.parametrize("deferrable", [True, False])
def test_a_sync_that_is_not_there_fails_at_once(
    airflow_database: None,
    connection: Callable[..., str],
    source_db: Database,
    target_db: Database,
    deferrable: bool,
) -> None:
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    with DAG("nothing_there") as dag:
        SlotLagSensor(
            task_id="lag",
            config=shop.CONFIG,
            max_bytes=1,
            poke_interval=0.1,
            deferrable=deferrable,
            retries=3,
        )
    assert run(dag) == {"lag": {"failed"}}


def test_a_table_that_is_to_be_loaded_is_waited_for(
    airflow_database: None, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    sync = shop.sync(source_db, target_db)
    replica_identity.prepare(sync)
    start(sync)
    schema.create(sync)
    (only,) = load.plan(sync).bins
    loading = threading.Timer(1, load.load_bin, (sync, only))
    loading.start()
    seen = watch(RelationLoadedTrigger(config=DOCUMENT, relations=["shop.orders"], poke_interval=0.1))
    loading.join()
    assert seen == {"status": "success", "result": {"rows": {"shop.orders": 500}}}
    with DAG("loaded") as dag:
        RelationLoadedSensor(task_id="all", config=shop.CONFIG)
        RelationLoadedSensor(
            task_id="one", config=shop.CONFIG, relations='"Back Office"."Time Sheet"', deferrable=False
        )
        RelationLoadedSensor(task_id="none", config=shop.CONFIG, relations=["shop.nothing"], retries=3)
    assert run(dag) == {"all": {"success"}, "one": {"success"}, "none": {"failed"}}


def test_a_slot_is_watched_and_its_danger_fails_without_a_retry(moved: Sync, source_db: Database) -> None:
    source_db.execute("INSERT INTO shop.orders (total) SELECT n FROM generate_series(1, 10000) AS n")
    with DAG("slot") as dag:
        SlotHealthSensor(task_id="well", config=shop.CONFIG)
        SlotHealthSensor(task_id="kept", config=shop.CONFIG, max_retained_bytes=1000, retries=3)
        SlotHealthSensor(
            task_id="here",
            config=shop.CONFIG,
            deferrable=False,
            watch_for=timedelta(seconds=1),
            poke_interval=0.2,
        )
    assert run(dag) == {"well": {"success"}, "kept": {"failed"}, "here": {"success"}}


def test_a_slot_that_goes_while_it_is_watched_is_noticed_at_once(moved: Sync, source_db: Database) -> None:
    later = datetime.now(UTC) + timedelta(minutes=5)
    going = threading.Timer(1, source_db.execute, ("SELECT pg_drop_replication_slot('adbsync_shop')",))
    going.start()
    seen = watch(SlotHealthTrigger(config=DOCUMENT, watch_until=later.isoformat(), poke_interval=0.1))
    going.join()
    assert seen["error"]["type"] == "SlotMissing"


def test_a_sensor_keeps_its_deadline_by_itself(moved: Sync, source_db: Database) -> None:
    source_db.execute("INSERT INTO shop.orders (total) SELECT n FROM generate_series(1, 10000) AS n")
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    seen = watch(SlotLagTrigger(config=DOCUMENT, max_bytes=1, poke_interval=0.1, deadline=soon))
    assert seen["status"] == "timeout"
    sensor = SlotLagSensor(
        task_id="lag", config=DOCUMENT, max_bytes=1, execution_timeout=timedelta(minutes=1)
    )
    left = datetime.fromisoformat(sensor.trigger().deadline) - datetime.now(UTC)
    assert left <= timedelta(minutes=1)


def up_to(**until: Any) -> dict[str, Any]:
    return {"config": DOCUMENT, "until": until, "poke_interval": 0.1}


def watch(trigger: Any) -> dict[str, Any]:
    async def first_event() -> dict[str, Any]:
        async with asyncio.timeout(60):
            return (await anext(trigger.run())).payload  # type: ignore[no-any-return]

    return asyncio.run(first_event())


def test_it_fires_once_a_sequence_of_the_source_has_moved_on(moved: Sync, source_db: Database) -> None:
    sequences.align(moved)
    assert sequences.behind(moved) == ()
    with DAG("moved_on") as dag:
        SequencesMovedSensor(task_id="moved_on", config=shop.CONFIG, poke_interval=0.2)
    moving = threading.Timer(2.0, source_db.execute, ["SELECT nextval('shop.orders_id_seq')"])
    moving.start()
    assert run(dag) == {"moved_on": {"success"}}
    moving.join()
    assert [(each.source_next, each.after) for each in sequences.behind(moved)] == [(502, 501)]
