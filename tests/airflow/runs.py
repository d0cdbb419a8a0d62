"""Running a DAG in this process, and reading what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.dag_processing.collection import update_dag_parsing_results_in_db
from airflow.models import DagRun
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.utils.session import create_session

from tests.airflow.conftest import DAGS


def run(dag: DAG, **params: Any) -> dict[str, set[str]]:
    """Run a DAG as ``airflow dags test`` does; return the states of each task's instances."""
    if not Path(dag.fileloc).is_relative_to(DAGS):
        make_known(dag)
    return states(dag.test(run_conf=params or None))


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
