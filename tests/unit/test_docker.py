"""The compose file holds together; no container engine is needed to see that."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from airflow_adbsync.provider_info import get_provider_info


def _compose() -> list[str]:
    """Compose's plugin, the older program, or nothing; neither needs an engine to read a file."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]):
            asked = subprocess.run([*command, "version"], capture_output=True, check=False)
            if asked.returncode == 0:
                return command
    return []


ROOT = Path(__file__).resolve().parents[2]
COMMAND = _compose()
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
AIRFLOW = {name: each for name, each in SERVICES.items() if each["image"] == "airflow-with-adbsync"}
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")


def test_airflow_is_whole() -> None:
    commands = {" ".join(each["command"]) for each in AIRFLOW.values()}
    assert commands == {
        "db migrate",
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
        "celery worker",
    }
    assert sum(each["command"] == ["celery", "worker"] for each in AIRFLOW.values()) == 2
    assert {each["environment"]["AIRFLOW__CORE__EXECUTOR"] for each in AIRFLOW.values()} == {"CeleryExecutor"}


def test_the_image_is_built_once_from_what_is_there() -> None:
    (build,) = [each["build"] for each in AIRFLOW.values() if "build" in each]
    assert (ROOT / "docker" / build["context"]).resolve() == ROOT
    assert build["dockerfile"] == "docker/Dockerfile"
    copied = re.findall(r"^COPY --chown=\S+ (.*) \S+$", DOCKERFILE, re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert {"hatch_build.py", "airflow_adbsync", "dags", "constraints.txt"} <= names
    ignored = (ROOT / "docker" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert [name for name in names if not (ROOT / name).exists() or f"!{name}" not in ignored] == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_what_can_come(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert "profiles" not in SERVICES[other]
        if how["condition"] == "service_healthy":
            assert SERVICES[other]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
        else:
            assert how["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "no"


@pytest.mark.parametrize("name", SERVICES)
def test_volumes_are_files_that_are_there_or_declared(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / "docker" / source).is_file()


def test_connections_lead_to_services_with_their_passwords() -> None:
    environment = AIRFLOW["scheduler"]["environment"]
    connections = {name: json.loads(text) for name, text in environment.items() if "AIRFLOW_CONN_" in name}
    assert len(connections) == 5
    for connection in connections.values():
        server = SERVICES[connection["host"]]
        password = server.get("environment", {}).get("POSTGRES_PASSWORD")
        assert connection.get("password") == password
    for key in ("source", "target"):
        for dag in ("shop", "migration"):
            assert connections[f"AIRFLOW_CONN_{dag.upper()}_{key.upper()}"]["host"] == key


def test_connections_are_those_that_the_dags_name() -> None:
    environment = AIRFLOW["scheduler"]["environment"]
    there = {name: json.loads(text) for name, text in environment.items() if "AIRFLOW_CONN_" in name}
    kinds = {each["connection-type"] for each in get_provider_info()["connection-types"]}
    assert {each["conn_type"] for each in there.values()} <= kinds
    shop = yaml.safe_load((ROOT / "dags" / "shop.yaml").read_text(encoding="utf-8"))
    migration = (ROOT / "dags" / "one_shot_migration.py").read_text(encoding="utf-8")
    named = re.findall(r'(?:source|target)="(\w+)"', migration)
    assert len(named) == 2
    assert {
        f"AIRFLOW_CONN_{name.upper()}" for name in (shop["source"], shop["target"], *named)
    } <= there.keys()


def test_the_image_has_the_dags_where_airflow_looks_and_the_provider_is_found() -> None:
    assert "COPY --chown=airflow:root dags /opt/airflow/dags" in DOCKERFILE
    assert "AIRFLOW__CORE__DAGS_FOLDER" not in AIRFLOW["scheduler"]["environment"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for group in ("apache_airflow_provider", "airflow.plugins"):
        for address in project["entry-points"][group].values():
            assert find_spec(address.partition(":")[0])


@pytest.mark.skipif(not COMMAND, reason="Compose is not installed")
@pytest.mark.parametrize("profile", [[], ["--profile", "greenplum"]])
def test_compose_itself_accepts_the_file(profile: list[str]) -> None:
    file = str(ROOT / "docker" / "compose.yaml")
    said = subprocess.run([*COMMAND, "-f", file, *profile, "config"], capture_output=True, check=False)
    assert said.returncode == 0, said.stderr.decode()
    assert yaml.safe_load(said.stdout)["services"].keys() >= AIRFLOW.keys()


def test_both_databases_can_be_a_source() -> None:
    """The target too, on the way back of a cut-over."""
    assert all("wal_level=logical" in SERVICES[name]["command"] for name in ("source", "target"))


def test_greenplum_is_asked_for() -> None:
    assert [name for name, each in SERVICES.items() if "profiles" in each] == ["greenplum"]


def test_the_version_of_airflow_is_the_one_that_is_tested() -> None:
    (version,) = re.findall(r"^ARG AIRFLOW_VERSION=(.*)$", DOCKERFILE, re.MULTILINE)
    assert f"apache-airflow=={version}" in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
