"""What Airflow reads of the provider."""

from __future__ import annotations

import json
from importlib import import_module, resources
from importlib.metadata import entry_points
from typing import Any

import jsonschema
import pytest
from airflow import plugins_manager
from airflow.providers_manager import ProvidersManager
from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime

from airflow_adbsync.provider_info import get_provider_info

# Modules beside the operators, sensors and triggers that are none themselves.
SHARED = ("__init__", "__pycache__", "base", "outcome", "patience", "applier_child", "lag_watch", "watching")


def schema(name: str) -> Any:
    return json.loads(resources.files("airflow").joinpath(name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["provider_info.schema.json", "provider.yaml.schema.json"])
def test_it_fits_airflows_own_schema(name: str) -> None:
    rules = schema(name)
    # What only providers inside Airflow's own repository must have.
    rules["required"] = [key for key in rules["required"] if key in get_provider_info()]
    jsonschema.validate(get_provider_info(), rules)


@pytest.mark.parametrize("kind", ["hooks", "operators", "sensors", "triggers"])
def test_every_module_that_it_names_is_there(kind: str) -> None:
    for entry in get_provider_info()[kind]:
        for module in entry["python-modules"]:
            import_module(module)


@pytest.mark.parametrize("kind", ["operators", "sensors", "triggers"])
def test_every_module_that_is_there_is_named(kind: str) -> None:
    named = {name for entry in get_provider_info()[kind] for name in entry["python-modules"]}
    package = import_module(f"airflow_adbsync.{kind}")
    there = {f"{package.__name__}.{path.stem}" for path in resources.files(package).iterdir()}  # type: ignore[attr-defined]
    shared = {
        "__init__",
        "__pycache__",
        "base",
        "outcome",
        "patience",
        "applier_child",
        "alarm",
        "alerting",
        "debounce",
        "lag_watch",
        "metrics",
        "supervision",
        "throttled",
        "wake_up",
        "watching",
    }
    assert named == there - {f"{package.__name__}.{name}" for name in shared}


def test_airflow_offers_the_connection_type() -> None:
    hook = ProvidersManagerTaskRuntime().hooks["adbsync"]
    assert hook is not None
    assert hook.hook_class_name == "airflow_adbsync.hooks.adbsync.AdbsyncHook"
    assert hook.hook_name == "adbsync (PostgreSQL family)"
    assert hook.connection_id_attribute_name == "adbsync_conn_id"


def test_airflow_shows_the_connections_fields() -> None:
    manager = ProvidersManager()
    assert manager.field_behaviours["adbsync"]["relabeling"] == {"schema": "Database", "login": "User"}
    fields = {name for name in manager.connection_form_widgets if name.startswith("extra__adbsync__")}
    assert fields == {
        f"extra__adbsync__{name}"
        for name in ("sslmode", "sslrootcert", "sslcert", "sslkey", "application_name")
    }


def test_both_entry_points_lead_somewhere() -> None:
    (provider,) = entry_points(group="apache_airflow_provider", name="provider_info").select(
        module="airflow_adbsync.provider_info"
    )
    assert provider.load()()["package-name"] == "airflow-provider-adbsync"
    (plugin,) = entry_points(group="airflow.plugins", name="adbsync")
    assert plugin.load().name == "adbsync"


def test_airflow_loads_the_plugin() -> None:
    plugins, errors = plugins_manager._get_plugins()
    assert "adbsync" in {plugin.name for plugin in plugins}
    assert not [error for error in errors if "adbsync" in error]
