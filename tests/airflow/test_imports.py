"""What is imported when: DAG files are read again and again, and the engine needs no Airflow."""

from __future__ import annotations

import json
import subprocess
import sys
from textwrap import dedent

import pytest

from airflow_adbsync.provider_info import get_provider_info


def modules_after(*statements: str) -> set[str]:
    """The names of all modules that a new interpreter holds after these statements."""
    program = "\n".join((*statements, "import json, sys", "print(json.dumps(list(sys.modules)))"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_dag_files_imports_open_no_door_to_a_server() -> None:
    info = get_provider_info()
    names = [
        module
        for kind in ("hooks", "operators", "sensors", "triggers")
        for entry in info[kind]
        for module in entry["python-modules"]
    ]
    found = modules_after(*(f"import {name}" for name in names), "from airflow_adbsync import sync_dag")
    assert "airflow_adbsync.operators.full_load" in found
    assert not {name for name in found if name.partition(".")[0] in {"psycopg", "psycopg2"}}
    light = {"config", "model", "errors", "events", "shape", "sync"}
    engine = {name.split(".")[2] for name in found if name.startswith("airflow_adbsync.engine.")}
    assert engine <= light


def test_they_cost_a_dag_file_little_beside_airflows_own() -> None:
    program = """
        import time
        from airflow.sdk import DAG, Asset, BaseOperator, BaseSensorOperator, Param, TaskGroup, chain
        from airflow.triggers.base import BaseTrigger
        before = time.process_time()
        import airflow_adbsync.operators.full_load, airflow_adbsync.operators.incremental
        operators = time.process_time() - before
        import airflow_adbsync.task_groups, airflow_adbsync.sensors.replicated_up_to
        print(operators, time.process_time() - before)
    """
    runs = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", dedent(program)], capture_output=True, text=True, check=True
        )
        runs.append([float(part) for part in done.stdout.splitlines()[-1].split()])
    operators, everything = (min(column) for column in zip(*runs, strict=True))
    assert operators < 0.3
    assert everything < 0.3


@pytest.mark.parametrize("name", ["SyncConfig", "Objects", "LoadOptions"])
def test_the_engines_public_names_bring_no_airflow(name: str) -> None:
    found = modules_after(f"from airflow_adbsync import {name}")
    assert "airflow_adbsync.engine.config" in found
    assert not {module for module in found if module.partition(".")[0] == "airflow"}


def test_every_public_name_is_there() -> None:
    import airflow_adbsync  # noqa: PLC0415 - it is what is tested

    for name in airflow_adbsync.__all__:
        assert getattr(airflow_adbsync, name) is not None
    assert set(airflow_adbsync.__all__) <= set(dir(airflow_adbsync))
    with pytest.raises(AttributeError, match="no attribute 'sync_dags'"):
        airflow_adbsync.sync_dags  # noqa: B018 - asking is the test
