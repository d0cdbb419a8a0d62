"""Running a DAG in this process, and reading what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.dag_processing.collection import update_dag_parsing_results_in_db
from airflow.models import DagRun
from airflow.models.taskinstance import clear_task_instances
from airflow.sdk import DAG
from airflow.sdk.definitions.dag import _run_task
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.utils.session import create_session

from tests.airflow.conftest import DAGS


def run(dag: DAG, **params: Any) -> dict[str, set[str]]:
    """Run a DAG; return the states of each task's instances."""
    return states(start(dag, **params))


def start(dag: DAG, **params: Any) -> DagRun:
    """Run a DAG to its end, as ``airflow dags test`` does."""
    if not Path(dag.fileloc).is_relative_to(DAGS):
        make_known(dag)
    return dag.test(run_conf=params or None)


def make_known(dag: DAG) -> None:
    """Write a DAG that stands in no file to Airflow's metadata."""
    with create_session() as session:
        update_dag_parsing_results_in_db(
            "made_here", None, [LazyDeserializedDAG.from_dag(dag)], {}, None, set(), session=session
        )


def states(dag_run: DagRun) -> dict[str, set[str]]:
    """The states that the instances of each task are in."""
    found: dict[str, set[str]] = {}
    for instance in dag_run.get_task_instances():
        found.setdefault(instance.task_id, set()).add(str(instance.state))
    return found


def run_again(dag: DAG, dag_run: DagRun, task_id: str) -> set[str]:
    """Clear one task of a finished run and run it alone; return the states of its instances."""
    with create_session() as session:
        instances = [each for each in dag_run.get_task_instances(session=session) if each.task_id == task_id]
        clear_task_instances(instances, session)
    for instance in instances:
        instance.try_number += 1
        _run_task(ti=instance, task=dag.task_dict[task_id], run_triggerer=True)
    return states(dag_run)[task_id]
