"""Tasks that end halfway and are tried again, and the last ones cleared and run again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from airflow.sdk import DAG

from airflow_adbsync import sync_dag
from airflow_adbsync.hooks.sync import config_document
from airflow_adbsync.operators.activate import ActivateOperator
from airflow_adbsync.operators.release import ReleaseOperator
from tests.airflow import shop
from tests.airflow.runs import run_again, start, states
from tests.databases import Database

LATER = '"Back Office"."Time Sheet"'
LOADED = "SELECT table_name, snapshot IS NOT NULL FROM adbsync.relation ORDER BY table_name"


class Interrupter(threading.Thread):
    """Lets the load get as far as its second table, and ends its session there."""

    def __init__(self, target: Database) -> None:
        super().__init__(daemon=True)
        self._target = target
        self.loaded_by_then: list[tuple[str, bool]] = []

    def run(self) -> None:
        self._until(f"SELECT to_regclass('{LATER}') IS NOT NULL")
        with self._target.connect() as conn, conn.transaction():
            conn.execute(f"LOCK TABLE {LATER} IN ACCESS SHARE MODE")
            waiting = f"FROM pg_locks WHERE relation = '{LATER}'::regclass AND NOT granted"
            self._until(f"SELECT count(*) > 0 {waiting}")
            self.loaded_by_then = self._target.fetch(LOADED)
            self._target.fetch(f"SELECT pg_terminate_backend(pid) {waiting}")

    def _until(self, question: str) -> None:
        deadline = time.monotonic() + 60
        while not self._target.value(question):
            assert time.monotonic() < deadline, question
            time.sleep(0.02)


def test_a_load_task_that_failed_halfway_is_tried_again(
    airflow_database: None, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    options = {"max_tasks": 1, "connections_per_task": 1, "retry_for": 0, "retry_connections_for": 0}
    config = {**config_document(shop.CONFIG), "load": options}
    dag = sync_dag(config, dag_id="halfway", default_args={"retries": 1, "retry_delay": timedelta(0)})
    interrupter = Interrupter(target_db)
    interrupter.start()

    dag_run = start(dag)

    interrupter.join()
    assert interrupter.loaded_by_then == [("Time Sheet", False), ("orders", True)]
    tries = [each.try_number for each in dag_run.get_task_instances() if each.task_id == "load"]
    assert tries == [2]
    assert set().union(*states(dag_run).values()) == {"success"}
    assert target_db.fetch("SELECT DISTINCT generation FROM adbsync.relation") == [(1,)]
    shop.assert_equal(source_db, target_db)


def test_the_last_phases_can_be_cleared_and_run_again(
    airflow_database: None, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    source_db.execute(
        """
        CREATE FUNCTION shop.react() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER react BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.react();
        """
    )
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    shop.move(shop.sync(source_db, target_db))
    enabled = "SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'react'"
    assert target_db.fetch(enabled) == [("D",)]

    for operator in (ActivateOperator, ReleaseOperator):
        with DAG(operator.__name__) as dag:
            operator(task_id="last", config=shop.CONFIG)
        dag_run = start(dag)
        assert states(dag_run) == {"last": {"success"}}
        assert run_again(dag, dag_run, "last") == {"success"}

    assert target_db.fetch(enabled) == [("O",)]
    shop.assert_equal(source_db, target_db)
    shop.assert_nothing_left(source_db, target_db)
