"""Reading a `SyncConfig` from a YAML file."""

from __future__ import annotations

from pathlib import Path

import yaml

from airflow_adbsync.engine.config.sync import SyncConfig
from airflow_adbsync.engine.errors import ConfigError


def from_yaml(path: str | Path) -> SyncConfig:
    """Read one sync from a file.

    Raises:
        ConfigError: the file is not there, is not YAML, or does not describe a sync; the message names the
            file and the line or the key.
    """
    try:
        document = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.", remedy="Check the path.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {error}", remedy="Mend the line that is named.") from error
    if not isinstance(document, dict):
        raise ConfigError(
            f"{path} holds no sync.", remedy="Write keys at its top level: sync_id, source, target, objects."
        )
    try:
        return SyncConfig.model_validate(document)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.what}", remedy=error.remedy) from error
