"""The precheck in Airflow: who acknowledged what, and a sensor that waits until it passes."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from airflow.sdk import DAG, Param

from airflow_adbsync import sync_dag
from airflow_adbsync.engine import state
from airflow_adbsync.hooks.acknowledging import acknowledged_checks, acknowledger
from airflow_adbsync.operators.precheck import PrecheckOperator
from airflow_adbsync.sensors.precheck import PrecheckSensor
from tests.airflow.runs import run
from tests.databases import Database

DOCUMENT = {
    "sync_id": "shop",
    "source": "shop_source",
    "target": "shop_target",
    "objects": {"schemas": ["public"]},
}
FROM_PARAMS = "{{ params.acknowledge | join(',') }}"


@pytest.fixture
def pair(
    airflow_database: None, connection: Callable[..., str], source_db: Database, target_db: Database
) -> tuple[Database, Database]:
    """A source whose only table has no key, and an empty target, with their connections."""
    source_db.execute("CREATE TABLE keyless (x int)")
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    return source_db, target_db


def test_a_run_acknowledges_and_it_is_kept_who_did(pair: tuple[Database, Database]) -> None:
    _, target = pair
    with DAG("acknowledged", params={"acknowledge": Param([], type="array")}) as dag:
        PrecheckOperator(task_id="precheck", config=DOCUMENT, acknowledge=FROM_PARAMS)

    assert run(dag) == {"precheck": {"failed"}}
    assert run(dag, acknowledge=["replica_identity"]) == {"precheck": {"success"}}
    assert target.fetch(
        "SELECT check_name, acknowledged_by FROM adbsync.finding WHERE acknowledged_at <= now()"
    ) == [("replica_identity", "dag_test")]

    assert run(dag, acknowledge=["replica_identity"], acknowledged_by="ada") == {"precheck": {"success"}}
    with target.connect() as conn:
        (kept,) = state.findings.read_acknowledged(conn, "shop")
    assert kept.by == "ada"


def test_a_sensor_waits_until_it_passes(pair: tuple[Database, Database]) -> None:
    source, target = pair
    with DAG("ready") as dag:
        PrecheckSensor(task_id="ready", config=DOCUMENT, mode="poke", poke_interval=0.1)
    mend = threading.Timer(4, source.execute, ["ALTER TABLE keyless ADD PRIMARY KEY (x)"])
    mend.start()
    assert run(dag) == {"ready": {"success"}}
    assert not mend.is_alive()
    assert target.value("SELECT count(*) FROM adbsync.finding WHERE status <> 'passed'") == 0


def test_a_sensor_gives_up_on_a_check_that_there_is_not(pair: tuple[Database, Database]) -> None:
    with DAG("unknown") as dag:
        PrecheckSensor(task_id="unknown", config=DOCUMENT, acknowledge="no_such_check", poke_interval=0.1)
    assert run(dag) == {"unknown": {"failed"}}


def test_a_sensor_holds_no_worker_while_it_waits() -> None:
    with DAG("reschedules"):
        assert PrecheckSensor(task_id="ready", config=DOCUMENT).reschedule


def test_the_standard_dag_asks_for_what_is_acknowledged() -> None:
    dag = sync_dag(DOCUMENT)
    assert dag.task_dict["precheck"].acknowledge == FROM_PARAMS
    assert dag.params.get_param("acknowledge").value == []


def test_names_come_as_a_list_or_as_a_text() -> None:
    assert acknowledged_checks(["a", "b"]) == acknowledged_checks("a, b,") == ("a", "b")
    assert acknowledged_checks("") == acknowledged_checks(None) == ()
    assert acknowledger({}) == "unknown"
