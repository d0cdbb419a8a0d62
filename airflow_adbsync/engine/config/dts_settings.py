"""The settings of a managed sync service's job (DTS: `Reserve`) as sections of a configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Settings = dict[str, dict[str, Any]]

_MOST_MINUTES = 1440
_CASES = {"default": "preserve", "source": "preserve", "dest_upper": "upper", "dest_lower": "lower"}
_CONFLICTS = {"overwrite": "overwrite", "interrupt": "fail", "ignore": "ignore"}
# What says nothing that a sync would have to know.
_OF_NO_MATTER = frozenset(
    {"autoStartModulesAfterConfig", "srcSSL", "destSSL", "a2aFlag", "isTargetDbCaseInsensitive"}
)


def read_settings(settings: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """Return the sections, and what has no counterpart."""
    written: Settings = {}
    left_out: list[str] = []
    for key, value in settings.items():
        reader = _READERS.get(key)
        sections = reader(str(value)) if reader else None
        for section, options in (sections or {}).items():
            written.setdefault(section, {}).update(options)
        if sections is None and key not in _OF_NO_MATTER:
            left_out.append(f"setting {key}: {value}")
    return written, left_out


def _table_mode(value: str) -> Settings | None:
    return {"0": {}, "2": {"schema": {"existing": "ignore"}}}.get(value)


def _conflict(value: str) -> Settings | None:
    rule = _CONFLICTS.get(value.lower())
    return {"incremental": {"on_conflict": rule}} if rule else None


def _case(value: str) -> Settings | None:
    case = _CASES.get(value.lower())
    if case is None:
        return None
    return {} if case == "preserve" else {"names": {"case": case}}


def _retry_time(value: str) -> Settings | None:
    """Minutes by its documentation; real jobs have seconds, told by being more than a day's minutes."""
    if not value.isdigit():
        return None
    number = int(value)
    time = f"{number} min" if number <= _MOST_MINUTES else f"{number // 60} min"
    return {"load": {"retry_connections_for": time}, "incremental": {"retry_for": time}}


_READERS: dict[str, Callable[[str], Settings | None]] = {
    "targetTableMode": _table_mode,
    "conflict": _conflict,
    "dbListCaseChangeMode": _case,
    "maxRetryTime": _retry_time,
}
