"""A sync's configuration and its two connections, put together."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_adbsync.engine.config import SyncConfig, from_yaml
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.hooks.adbsync import AdbsyncHook

if TYPE_CHECKING:
    from airflow.sdk import DAG

ConfigLike = SyncConfig | Mapping[str, Any] | str | Path


def read_config(config: ConfigLike, folder: str | Path = "") -> SyncConfig:
    """Take a `SyncConfig` as it is, a mapping as its keys, and text or a path as the name of a YAML file.

    A relative path counts from ``folder``, which is the DAG file's for all that is written in a DAG file.

    Raises:
        ConfigError: it describes no sync; the message names the key and the remedy.
    """
    if isinstance(config, SyncConfig):
        return config
    if isinstance(config, str | Path):
        return from_yaml(Path(folder, config))
    return SyncConfig.model_validate(dict(config))


def config_document(config: ConfigLike, folder: str | Path = "") -> dict[str, Any]:
    """The configuration as JSON knows it, without what is left at its default.

    It holds connection ids and no secret: this is what goes into serialized DAGs and triggers.
    """
    return read_config(config, folder).model_dump(mode="json", exclude_defaults=True)


def dag_file(depth: int) -> Path:
    """The file of the code so many calls above: a DAG file, found as Airflow itself finds it."""
    return Path(sys._getframe(depth + 1).f_code.co_filename)  # noqa: SLF001


def config_field(config: Any, dag: DAG | None) -> Any:
    """What an operator keeps: the document, or an XComArg as it is, to be read when the task runs.

    Raises:
        ConfigError: it describes no sync; raised while the DAG file is read, where it can be mended.
    """
    readable = isinstance(config, SyncConfig | Mapping | str | Path)
    return config_document(config, dag.folder if dag else "") if readable else config


def sync_reference(config: Any, source: str | None, target: str | None, *, waits: bool = False) -> str | None:
    """Which sync a task is of, and by which connections; JSON, for who reads serialized DAGs.

    ``waits``: the task does nothing of the sync, it waits for it.

    None where that shows only when the task runs: a configuration from XCom, or a connection id's template.
    """
    if not isinstance(config, Mapping):
        return None
    reference = {
        "sync_id": str(config["sync_id"]),
        "source": source or str(config["source"]),
        "target": target or str(config["target"]),
    }
    if any("{" in name for name in reference.values()):
        return None
    return json.dumps({**reference, "waits": True} if waits else reference)


def open_sync(
    config: ConfigLike, source_conn_id: str | None = None, target_conn_id: str | None = None
) -> Sync:
    """Look up both connections; an id that is given takes the place of the configuration's.

    Raises:
        ConfigError: the configuration or a connection can't be used, or both are the same database.
    """
    chosen = _chosen(config, source_conn_id, target_conn_id)
    return Sync(chosen, AdbsyncHook(chosen.source).endpoint(), AdbsyncHook(chosen.target).endpoint())


async def aopen_sync(
    config: ConfigLike, source_conn_id: str | None = None, target_conn_id: str | None = None
) -> Sync:
    """`open_sync`, for a trigger's event loop."""
    chosen = _chosen(config, source_conn_id, target_conn_id)
    source = await AdbsyncHook(chosen.source).aendpoint()
    target = await AdbsyncHook(chosen.target).aendpoint()
    return Sync(chosen, source, target)


def _chosen(config: ConfigLike, source: str | None, target: str | None) -> SyncConfig:
    read = read_config(config)
    if not source and not target:
        return read
    document = read.model_dump(mode="json", exclude_defaults=True)
    return SyncConfig.model_validate(
        {**document, "source": source or read.source, "target": target or read.target}
    )
