"""Reading a `SyncConfig` from a YAML file."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from airflow_adbsync.engine.config.lines import lines_of
from airflow_adbsync.engine.config.sync import SyncConfig
from airflow_adbsync.engine.errors import ConfigError


def from_yaml(path: str | Path) -> SyncConfig:
    """Read one sync from a file.

    Raises:
        ConfigError: the file is not there, is not YAML, or does not describe a sync; the message names the
            file, the line and the key.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        document = yaml.safe_load(text)
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
        raise ConfigError(f"{path}{_lines(error, text)}: {error.what}", remedy=error.remedy) from error


def _lines(error: ConfigError, text: str) -> str:
    cause = error.__cause__
    lines = lines_of(cause, text) if isinstance(cause, ValidationError) else ()
    if not lines:
        return ""
    return f", line{'s' if len(lines) > 1 else ''} {' and '.join(map(str, lines))}"
