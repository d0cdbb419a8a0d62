"""Every DAG in dags/ is read as Airflow reads it, and run from end to end on real servers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag

from airflow_adbsync.engine import replication
from airflow_adbsync.engine.config import Objects
from tests.airflow import shop
from tests.airflow.conftest import DAGS
from tests.airflow.runs import run, states
from tests.databases import Database

ROAD = [
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
    "activate",
    "release",
]
ALL_WELL = {task: {"success"} for task in ROAD}


@pytest.fixture(scope="module")
def bag(airflow_database: None) -> DagBag:
    return DagBag(DAGS)


def test_every_dag_can_be_read(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert set(bag.dag_ids) == {
        "adbsync_billing",
        "adbsync_stock",
        "daily_revenue",
        "hourly_batches",
        "nightly_verification",
        "one_shot_migration",
        "orders_changed",
        "shop_cutover",
        "shop_migration",
        "shop_stop",
        "shop_way_back",
    }


@pytest.mark.parametrize("dag_id", ["shop_migration", "one_shot_migration"])
def test_the_standard_road_is_one_line(bag: DagBag, dag_id: str) -> None:
    dag = bag.dags[dag_id]
    assert dag.fileloc == str(DAGS / f"{dag_id}.py")
    for task, following in zip(ROAD, [*ROAD[1:], None], strict=True):
        assert dag.task_dict[task].downstream_task_ids == ({following} if following else set())


def test_pagila_moves_whole(
    bag: DagBag, connection: Callable[..., str], source_db: Database, target_db: Database, samples: Path
) -> None:
    source_db.psql_file(samples / "pagila-schema.sql", stop_on_error=False)  # plpgsql is there already
    source_db.psql_file(samples / "pagila-data.sql")
    connection("migration_source", source_db.endpoint)
    connection("migration_target", target_db.endpoint, "postgres")

    assert run(bag.dags["one_shot_migration"]) == ALL_WELL

    shop.assert_equal(source_db, target_db, Objects(schemas=("public",)))
    shop.assert_nothing_left(source_db, target_db)
    triggers = (
        "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text, 1"
    )
    assert target_db.fetch(triggers) == source_db.fetch(triggers) != []


def test_a_shop_moves_while_it_sells(
    bag: DagBag, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint, "postgres")
    connection("shop_target", target_db.endpoint)
    seller = shop.Seller(source_db, target_db)
    seller.start()

    assert run(bag.dags["shop_migration"]) == ALL_WELL

    seller.join()
    assert seller.sold > seller.sold_while_applying
    shop.assert_equal(source_db, target_db)
    shop.assert_nothing_left(source_db, target_db)
    assert target_db.value("SELECT nextval('shop.orders_id_seq') > (SELECT max(id) FROM shop.orders)")


def test_somebody_says_stop(
    bag: DagBag, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    sync = shop.sync(source_db, target_db)
    shop.move(sync)
    shop.sell(source_db)

    assert run(bag.dags["shop_stop"]) == {"stop": {"success"}}

    assert replication.apply(sync, replication.Stopped()).reason == "stop_requested"
    shop.assert_equal(source_db, target_db)


def test_the_day_is_added_up_once_the_target_holds_it(
    bag: DagBag, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    sync = shop.sync(source_db, target_db)
    shop.move(sync)
    yesterday = pendulum.yesterday("UTC")
    source_db.execute("INSERT INTO shop.orders (total, placed_at) VALUES (1000, %s)", yesterday.add(hours=12))

    daily = bag.dags["daily_revenue"]
    daily.task_dict["complete"].poke_interval = 0.2
    applying = threading.Timer(3.0, replication.apply, (sync, replication.Stopped()))
    applying.start()
    try:
        done = states(daily.test(logical_date=pendulum.today("UTC")))
    finally:
        replication.request_stop(sync)
        applying.join()

    assert done == {"complete": {"success"}, "add_up": {"success"}}
    assert target_db.fetch("SELECT day, amount FROM public.revenue") == [(yesterday.date(), 1000)]


def test_an_hour_is_applied_and_then_added_up(
    bag: DagBag, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    shop.move(shop.sync(source_db, target_db))
    hour = pendulum.now("UTC").start_of("hour").subtract(hours=1)
    source_db.execute("INSERT INTO shop.orders (total, placed_at) VALUES (1000, %s)", hour.add(minutes=30))

    done = states(bag.dags["hourly_batches"].test(logical_date=hour.add(hours=1)))

    assert done == {"apply_hour": {"success"}, "add_up": {"success"}}
    assert target_db.fetch("SELECT hour, amount FROM public.hourly") == [(hour, 1000)]
    assert source_db.value("SELECT NOT active FROM pg_replication_slots WHERE slot_name = 'adbsync_shop'")


def test_a_night_finds_what_differs(
    bag: DagBag, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    shop.move(shop.sync(source_db, target_db))
    night = bag.dags["nightly_verification"]
    night.task_dict["verify"].settle = timedelta(0)

    assert run(night) == {"slot": {"success"}, "verify": {"success"}}
    target_db.execute("UPDATE shop.orders SET total = 0 WHERE id = 7")
    assert run(night) == {"slot": {"success"}, "verify": {"failed"}}


def test_one_of_many_syncs_runs(
    bag: DagBag, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    source_db.execute(
        "CREATE SCHEMA stock; CREATE TABLE stock.items AS SELECT n AS id FROM generate_series(1, 9) n;"
        "ALTER TABLE stock.items ADD PRIMARY KEY (id)"
    )
    connection("stock_source", source_db.endpoint)
    connection("stock_target", target_db.endpoint)
    done = run(bag.dags["adbsync_stock"])
    assert set(done) == set(ROAD) - {"activate", "release"}
    assert set(map(frozenset, done.values())) == {frozenset({"success"})}
    assert target_db.value("SELECT count(*) FROM stock.items") == 9
    assert bag.dags["adbsync_stock"].fileloc == str(DAGS / "many_syncs.py")


def test_a_table_that_has_changed_is_told_of(bag: DagBag) -> None:
    """What starts it runs in the triggerer: see tests/airflow/live."""
    assert run(bag.dags["orders_changed"]) == {"tell": {"success"}}
