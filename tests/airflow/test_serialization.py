"""What is stored of triggers and operators: it comes back as it was, and holds no secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, task
from airflow.sdk._shared.module_loading import import_string
from airflow.sdk.serde import deserialize, serialize
from airflow.serialization.serialized_objects import DagSerialization
from airflow.triggers.base import BaseTrigger

from airflow_adbsync import Objects, SyncConfig, sync_dag, sync_task_group
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.hooks.sync import read_config
from airflow_adbsync.operators.full_load import FullLoadOperator
from airflow_adbsync.operators.incremental import IncrementalOperator
from airflow_adbsync.operators.plan_load import PlanLoadOperator
from airflow_adbsync.operators.precheck import PrecheckOperator
from airflow_adbsync.operators.start import StartOperator
from airflow_adbsync.sensors.replicated_up_to import ReplicatedUpToSensor
from airflow_adbsync.sensors.slot_lag import SlotLagSensor
from airflow_adbsync.triggers.backlog import BacklogTrigger
from airflow_adbsync.triggers.relation_loaded import RelationLoadedTrigger
from airflow_adbsync.triggers.replicated_up_to import ReplicatedUpToTrigger
from airflow_adbsync.triggers.replication import ReplicationTrigger
from airflow_adbsync.triggers.sequences_moved import SequencesMovedTrigger
from airflow_adbsync.triggers.slot_health import SlotHealthTrigger
from airflow_adbsync.triggers.slot_lag import SlotLagTrigger

CONFIG = {"sync_id": "shop", "source": "a", "target": "b", "objects": {"schemas": ["public"]}}
UNTIL = {"until": "lsn", "value": "0/10"}

TRIGGERS: list[BaseTrigger] = [
    ReplicationTrigger(config=CONFIG, until=UNTIL),
    ReplicationTrigger(
        config=CONFIG,
        until=UNTIL,
        source_conn_id="c",
        target_conn_id="d",
        deadline="2026-01-31T12:00:00+00:00",
    ),
    BacklogTrigger(config=CONFIG, until=UNTIL, done={"transactions": 1, "changes": 2}),
    SlotLagTrigger(config=CONFIG, max_bytes=10, max_seconds=1.5, poke_interval=2.0),
    ReplicatedUpToTrigger(config=CONFIG, until=UNTIL, target_conn_id="d"),
    RelationLoadedTrigger(config=CONFIG, relations=["public.orders"], deadline="2026-01-31T12:00:00+00:00"),
    SequencesMovedTrigger(config=CONFIG, poke_interval=5.0),
    SlotHealthTrigger(config=CONFIG, watch_until="2026-01-31T12:00:00+00:00", min_safe_bytes=1),
]


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: type(trigger).__name__)
def test_a_trigger_comes_back_as_it_was(trigger: BaseTrigger) -> None:
    path, kwargs = trigger.serialize()
    stored = json.loads(json.dumps(serialize(kwargs)))
    restored = import_string(path)(**deserialize(stored))
    assert type(restored) is type(trigger)
    assert restored.serialize() == trigger.serialize()


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: type(trigger).__name__)
def test_a_trigger_stores_connection_ids_and_no_secret(
    trigger: BaseTrigger, connection: Callable[..., str]
) -> None:
    for conn_id in "abcd":
        connection(conn_id, Endpoint(host="h", database=conn_id, user="u", password="s3cret"))
    kwargs = json.dumps(trigger.serialize()[1])
    assert '"source": "a"' in kwargs
    assert "s3cret" not in kwargs
    assert "password" not in kwargs


def test_what_was_stored_by_the_first_version_still_loads() -> None:
    """Stored kwargs are a format: this text is never edited, only added to."""
    stored = {
        "airflow_adbsync.triggers.replication.ReplicationTrigger": {
            "config": CONFIG,
            "source_conn_id": None,
            "target_conn_id": None,
            "until": {"until": "stopped", "value": None},
            "deadline": None,
        },
        "airflow_adbsync.triggers.slot_lag.SlotLagTrigger": {
            "config": CONFIG,
            "source_conn_id": None,
            "target_conn_id": None,
            "poke_interval": 10.0,
            "max_bytes": 1024,
            "max_seconds": None,
        },
        "airflow_adbsync.triggers.replicated_up_to.ReplicatedUpToTrigger": {
            "config": CONFIG,
            "source_conn_id": None,
            "target_conn_id": None,
            "poke_interval": 10.0,
            "until": {"until": "time", "value": "2026-01-31T12:00:00+00:00"},
        },
    }
    for path, kwargs in stored.items():
        assert import_string(path)(**kwargs).serialize()[1].items() >= kwargs.items()


def there_and_back(dag: DAG) -> Any:
    document = json.loads(json.dumps(DagSerialization.to_dict(dag)))
    return DagSerialization.from_dict(document)


def test_the_standard_dag_survives_serialization() -> None:
    dag = sync_dag(CONFIG, dag_id="standard", release=True)
    restored = there_and_back(dag)
    assert set(restored.task_dict) == set(dag.task_dict)
    assert restored.get_task("precheck").config == CONFIG
    assert restored.get_task("load").is_mapped
    assert restored.get_task("incremental").until == "{{ params.until }}"
    assert restored.params["until"] == "caught_up"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, {"rows": 10.0, "bytes": None}),
        ({"rows": "", "bytes": "  "}, {"rows": 10.0, "bytes": None}),
        ({"rows": "1500.5", "bytes": "20MB"}, {"rows": 1500.5, "bytes": 20 << 20}),
        ({"rows": "", "bytes": "1MB"}, {"rows": None, "bytes": 1 << 20}),
    ],
)
def test_a_run_may_have_a_throttle_of_its_own(said: Any, expected: dict[str, Any]) -> None:
    config = {**CONFIG, "load": {"throttle": {"rows": 10}}, "incremental": {"throttle": {"rows": 10}}}
    plan = PlanLoadOperator(task_id="plan", config=config, throttle=said).configured()
    assert read_config(plan).load.throttle.model_dump() == {**expected, "queries": None}
    incremental = IncrementalOperator(task_id="incremental", config=config, throttle=said).configured()
    assert read_config(incremental).incremental.throttle.model_dump() == expected


def test_it_is_serialized_alike_each_time() -> None:
    first, second = (DagSerialization.to_dict(sync_dag(CONFIG, dag_id="standard")) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


def test_a_group_prefixes_its_tasks_and_takes_its_name_from_the_sync() -> None:
    with DAG("grouped") as dag:
        group = sync_task_group(CONFIG, until="stopped", default_args={"retries": 7})
    assert group.group_id == "shop"
    assert "shop.precheck" in dag.task_dict
    assert "shop.release" not in dag.task_dict
    assert dag.task_dict["shop.verify"].retries == 7
    assert dag.task_dict["shop.incremental"].until == "stopped"
    there_and_back(dag)


def test_two_syncs_fit_in_one_dag() -> None:
    with DAG("pair") as dag:
        sync_task_group(CONFIG) >> sync_task_group({**CONFIG, "sync_id": "stock"})
    assert dag.task_dict["stock.precheck"].upstream_task_ids == {"shop.sequences"}


def test_operators_can_be_mapped_over_syncs_and_bins() -> None:
    configs = [SyncConfig.model_validate({**CONFIG, "sync_id": f"shop_{n}"}) for n in range(3)]
    with DAG("mapped") as dag:
        StartOperator.partial(task_id="start", target_conn_id="d").expand(config=configs)
        IncrementalOperator.partial(task_id="incremental", config=configs[0]).expand(
            until_value=["0/10", "0/20"]
        )
        FullLoadOperator.partial(task_id="load", config=configs[0]).expand(
            bin=[{"number": 0, "tables": [["public", "a"]], "bytes": 1}]
        )
    restored = there_and_back(dag)
    assert restored.get_task("start").is_mapped
    assert [task.task_id for task in restored.tasks if task.is_mapped] == ["start", "incremental", "load"]


def test_a_configuration_may_come_from_another_task() -> None:
    with DAG("handed_over") as dag:

        @task
        def choose() -> dict[str, Any]:
            return CONFIG

        PrecheckOperator(task_id="precheck", config=choose())
    assert dag.task_dict["precheck"].upstream_task_ids == {"choose"}
    there_and_back(dag)


@pytest.mark.parametrize("form", ["object", "mapping", "path"])
def test_an_operator_keeps_the_configuration_as_plain_data(form: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(json.dumps(CONFIG), encoding="utf-8")
    read = SyncConfig(sync_id="shop", source="a", target="b", objects=Objects(schemas=("public",)))
    config = {"object": read, "mapping": CONFIG, "path": path}[form]
    assert PrecheckOperator(task_id="precheck", config=config).config == CONFIG


def test_a_relative_path_counts_from_the_dag_file() -> None:
    with DAG("beside"):
        alone = PrecheckOperator(task_id="precheck", config="../../dags/shop.yaml")
        group = sync_task_group("../../dags/shop.yaml")
    assert alone.config["sync_id"] == "shop"
    assert group.group_id == "shop"
    assert sync_dag("../../dags/shop.yaml", dag_id="shop").fileloc == __file__


def test_a_path_that_leads_nowhere_is_named() -> None:
    with pytest.raises(ConfigError, match=r"tests/airflow/nowhere.yaml can't be read"):
        sync_dag("nowhere.yaml")


def test_a_wrong_configuration_is_an_error_of_the_dag_file() -> None:
    with pytest.raises(ConfigError, match="did you mean `schemas`"):
        sync_dag({**CONFIG, "objects": {"schema": ["public"]}})


def test_a_sensor_without_a_bound_is_refused() -> None:
    with pytest.raises(ConfigError, match="no bound"):
        SlotLagSensor(task_id="lag", config=CONFIG)


def test_a_sensor_that_would_forget_its_place_is_refused() -> None:
    with pytest.raises(ConfigError, match="rescheduled"):
        ReplicatedUpToSensor(task_id="up_to", config=CONFIG, mode="reschedule", deferrable=False)
