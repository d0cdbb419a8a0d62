"""The operators on real servers: cleared and run again, told how long to replicate, and failing plainly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pendulum
import pytest
from airflow.models.xcom import XComModel
from airflow.sdk import DAG
from airflow.utils.session import create_session

from airflow_adbsync import sync_dag
from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.hooks.sync import config_document
from airflow_adbsync.operators.full_load import FullLoadOperator
from airflow_adbsync.operators.incremental import IncrementalOperator
from airflow_adbsync.operators.plan_load import PlanLoadOperator
from airflow_adbsync.operators.release import ReleaseOperator
from airflow_adbsync.operators.start import StartOperator
from airflow_adbsync.operators.verify import VerifyOperator
from airflow_adbsync.triggers.replication import ReplicationTrigger
from tests.airflow import shop
from tests.airflow.runs import run, run_again, start, states
from tests.databases import Database

PHASES = [
    "precheck",
    "replica_identity",
    "start",
    "schema",
    "plan_load",
    "load",
    "finish_schema",
    "incremental",
    "verify",
    "sequences",
]


@pytest.fixture
def moved(
    airflow_database: None, connection: Callable[..., str], source_db: Database, target_db: Database
) -> Sync:
    """A shop that the engine has moved, with the connections that its configuration names."""
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    sync = shop.sync(source_db, target_db)
    shop.move(sync)
    return sync


def test_every_phase_can_be_cleared_and_run_again(
    airflow_database: None, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    dag = sync_dag(shop.CONFIG, dag_id="again", until="caught_up")
    dag_run = start(dag)
    assert states(dag_run) == {phase: {"success"} for phase in PHASES}

    for phase in PHASES:
        if phase != "verify":  # which finds what nobody has replicated yet
            shop.sell(source_db)
        assert run_again(dag, dag_run, phase) == {"success"}, phase
    for phase in ("incremental", "verify"):
        assert run_again(dag, dag_run, phase) == {"success"}, phase

    shop.assert_equal(source_db, target_db)


def test_a_table_can_be_loaded_again_and_then_replicated(
    moved: Sync, source_db: Database, target_db: Database
) -> None:
    with DAG("reload") as dag:
        plan = PlanLoadOperator(task_id="plan_load", config=shop.CONFIG)
        load = FullLoadOperator.partial(task_id="load", config=shop.CONFIG, reload=True).expand(
            bin=plan.output
        )
        incremental = IncrementalOperator(task_id="incremental", config=shop.CONFIG)
        load >> incremental >> VerifyOperator(task_id="verify", config=shop.CONFIG)
    shop.sell(source_db)
    target_db.execute("DELETE FROM shop.orders WHERE id % 7 = 0")

    assert run(dag) == {task: {"success"} for task in ("plan_load", "load", "incremental", "verify")}

    shop.assert_equal(source_db, target_db)


def test_replication_stops_at_an_lsn(moved: Sync, source_db: Database, target_db: Database) -> None:
    source_db.execute("INSERT INTO shop.orders (total) VALUES (1)")
    lsn = source_db.value("SELECT pg_current_wal_insert_lsn()::text")
    source_db.execute("INSERT INTO shop.orders (total) VALUES (2)")

    result = incremental_result(until="lsn", until_value=lsn)

    assert result["reason"]
    assert target_db.value("SELECT count(*) FROM shop.orders WHERE id = 501") == 1


def test_replication_stops_at_a_moment(moved: Sync, source_db: Database, target_db: Database) -> None:
    source_db.execute("INSERT INTO shop.orders (total) VALUES (1)")
    moment = source_db.value("SELECT clock_timestamp() + interval '1 second'")

    incremental_result(until="time", until_value=moment.isoformat())

    assert pendulum.now("UTC") >= moment
    shop.assert_equal(source_db, target_db)


def test_replication_stops_when_it_is_asked_to(moved: Sync, source_db: Database, target_db: Database) -> None:
    seller = shop.Seller(source_db, target_db)
    seller.start()
    result = incremental_result(until="stopped")
    seller.join()
    assert result["transactions"] > 0
    assert result["changes"] > 0
    shop.assert_equal(source_db, target_db)


def test_lag_is_kept_on_the_target(moved: Sync, source_db: Database, target_db: Database) -> None:
    shop.sell(source_db)
    result = incremental_result(until="caught_up")
    with connect(moved.target) as conn:
        sample = state.lag.latest(conn, "shop")
    assert sample is not None
    assert (sample.lag_bytes, sample.lag_seconds) == (result["lag_bytes"], result["lag_seconds"])
    assert sample.retained_bytes is not None
    assert sample.lag_seconds < 60


def test_a_deadline_ends_the_task_and_leaves_the_slot(moved: Sync, source_db: Database) -> None:
    began = time.monotonic()
    dag = incremental_dag(until="stopped", timeout=timedelta(seconds=3))
    assert run(dag) == {"incremental": {"failed"}}
    assert time.monotonic() - began < 60
    assert source_db.value("SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'adbsync_shop'") == 1


def test_a_retry_that_can_not_help_is_not_made(
    airflow_database: None, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    with DAG("hopeless") as dag:
        StartOperator(task_id="start", config=shop.CONFIG, retries=3, retry_delay=timedelta(0))
    dag_run = start(dag)
    (instance,) = dag_run.get_task_instances()
    assert (str(instance.state), instance.try_number) == ("failed", 1)


def test_a_retry_that_may_help_is_made(
    airflow_database: None, connection: Callable[..., str], source_db: Database
) -> None:
    connection("shop_source", source_db.endpoint)
    nobody = source_db.endpoint.to_json() | {"host": "127.0.0.1", "port": 9}
    connection("shop_target", type(source_db.endpoint).from_json(nobody))
    with DAG("hopeful") as dag:
        StartOperator(task_id="start", config=shop.CONFIG, retries=1, retry_delay=timedelta(0))
    dag_run = start(dag)
    (instance,) = dag_run.get_task_instances()
    assert (str(instance.state), instance.try_number) == ("failed", 2)


def test_a_difference_fails_the_verification(moved: Sync, target_db: Database) -> None:
    target_db.execute("UPDATE shop.orders SET total = 0 WHERE id = 77")
    with DAG("different") as dag:
        VerifyOperator(task_id="verify", config=shop.CONFIG, retries=3, settle=timedelta(0))
    assert run(dag) == {"verify": {"failed"}}
    with DAG("repaired") as dag:
        VerifyOperator(
            task_id="verify",
            config=shop.CONFIG,
            repair="{{ params.repair }}",
            tables="shop.orders",
            params={"repair": True},
        ) >> VerifyOperator(task_id="again", config=shop.CONFIG, mode="sampled", sample="50")
    assert run(dag) == {"verify": {"success"}, "again": {"success"}}


def test_release_is_refused_while_an_applier_runs_unless_forced(
    moved: Sync, source_db: Database, target_db: Database
) -> None:
    with DAG("release") as dag:
        ReleaseOperator(task_id="release", config=shop.CONFIG)
    with target_db.connect() as applier:
        assert state.ownership.try_own(applier, "shop")
        assert run(dag) == {"release": {"failed"}}
        assert source_db.value("SELECT count(*) FROM pg_publication") == 1
    assert run(dag) == {"release": {"success"}}
    assert run(dag) == {"release": {"success"}}
    shop.assert_nothing_left(source_db, target_db)


def incremental_dag(**options: Any) -> DAG:
    with DAG("incremental_only") as dag:
        IncrementalOperator(task_id="incremental", config=shop.CONFIG, **options)
    return dag


def incremental_result(**options: Any) -> dict[str, Any]:
    dag_run = start(incremental_dag(**options))
    assert states(dag_run) == {"incremental": {"success"}}
    with create_session() as session:
        row = session.scalars(
            XComModel.get_many(
                run_id=dag_run.run_id, dag_ids=dag_run.dag_id, task_ids="incremental", key="return_value"
            )
        ).one()
        result: dict[str, Any] = XComModel.deserialize_value(row)
    return result


def test_two_triggerers_that_run_one_trigger_do_no_harm(
    moved: Sync, source_db: Database, target_db: Database
) -> None:
    shop.sell(source_db)
    config = config_document(shop.CONFIG)
    triggers = [
        ReplicationTrigger(config=config, until={"until": "caught_up", "value": None}) for _ in range(2)
    ]

    async def both() -> list[dict[str, Any]]:
        async with asyncio.timeout(120):
            events = await asyncio.gather(*(anext(trigger.run()) for trigger in triggers))
        return [event.payload for event in events]

    assert [event["status"] for event in asyncio.run(both())] == ["success", "success"]
    shop.assert_equal(source_db, target_db)
