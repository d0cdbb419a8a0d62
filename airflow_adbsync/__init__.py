"""Migrate a PostgreSQL-family database into another one and keep it in step, as Airflow tasks.

The names below are imported when they are first asked for: the engine needs no Airflow, and importing it
must not bring Airflow in.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_adbsync.assets import sync_alias, table_asset
    from airflow_adbsync.cutover_group import cutover_task_group
    from airflow_adbsync.engine.config import (
        IncrementalOptions,
        LoadOptions,
        Objects,
        PrecheckOptions,
        ReplicaIdentityOptions,
        SyncConfig,
    )
    from airflow_adbsync.task_groups import sync_dag, sync_task_group
    from airflow_adbsync.yaml_dags import adbsync_dags

__version__ = "0.1.0"
__all__ = [
    "IncrementalOptions",
    "LoadOptions",
    "Objects",
    "PrecheckOptions",
    "ReplicaIdentityOptions",
    "SyncConfig",
    "__version__",
    "adbsync_dags",
    "cutover_task_group",
    "sync_alias",
    "sync_dag",
    "sync_task_group",
    "table_asset",
]

_HOMES = {
    **dict.fromkeys(
        (
            "IncrementalOptions",
            "LoadOptions",
            "Objects",
            "PrecheckOptions",
            "ReplicaIdentityOptions",
            "SyncConfig",
        ),
        "airflow_adbsync.engine.config",
    ),
    **dict.fromkeys(("sync_dag", "sync_task_group"), "airflow_adbsync.task_groups"),
    "cutover_task_group": "airflow_adbsync.cutover_group",
    "adbsync_dags": "airflow_adbsync.yaml_dags",
    **dict.fromkeys(("sync_alias", "table_asset"), "airflow_adbsync.assets"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
