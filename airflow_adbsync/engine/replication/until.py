"""How long incremental replication goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pendulum

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Lsn


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Until the target is no further behind than the traffic of the last moments."""


@dataclass(frozen=True, slots=True)
class AtLsn:
    """Until everything up to an LSN is applied."""

    lsn: Lsn


@dataclass(frozen=True, slots=True)
class AtTime:
    """Until everything that the source had committed at a moment is applied."""

    time: datetime


@dataclass(frozen=True, slots=True)
class Stopped:
    """Until somebody asks it to stop."""


@dataclass(frozen=True, slots=True)
class Switched:
    """Until the target has taken over in a cut-over, or somebody asks it to stop."""


Until = CaughtUp | AtLsn | AtTime | Stopped | Switched


def parse_until(kind: str, value: str | datetime | None = None) -> Until:
    """Read what an operator's ``until`` and its value say.

    Raises:
        ConfigError: the kind is unknown, or its value is missing or can't be read.
    """
    match kind:
        case "caught_up":
            return CaughtUp()
        case "stopped":
            return Stopped()
        case "switched":
            return Switched()
        case "lsn":
            return AtLsn(_read_lsn(value))
        case "time":
            return AtTime(_read_time(value))
    raise ConfigError(f"`until` is {kind!r}.", remedy="Write caught_up, lsn, time, stopped or switched.")


def until_to_json(until: Until) -> dict[str, Any]:
    """A form that `until_from_json` reads."""
    match until:
        case AtLsn(lsn):
            return {"until": "lsn", "value": str(lsn)}
        case AtTime(time):
            return {"until": "time", "value": time.isoformat()}
        case CaughtUp():
            return {"until": "caught_up", "value": None}
        case Stopped():
            return {"until": "stopped", "value": None}
        case Switched():
            return {"until": "switched", "value": None}


def until_from_json(document: dict[str, Any]) -> Until:
    """The inverse of `until_to_json`."""
    return parse_until(document["until"], document.get("value"))


def _read_lsn(value: str | datetime | None) -> Lsn:
    try:
        return Lsn.parse(str(value or ""))
    except ValueError as error:
        raise ConfigError(
            f"`until` is lsn, but {error}.", remedy="Give an LSN such as 16/B374D848."
        ) from error


def _read_time(value: str | datetime | None) -> datetime:
    if isinstance(value, datetime):
        return pendulum.instance(value)
    try:
        moment = pendulum.parse(value or "")
    except ValueError:
        moment = None
    if not isinstance(moment, datetime):
        raise ConfigError(
            f"`until` is time, but {value!r} is not a moment.",
            remedy="Give one such as 2026-01-31T12:00:00+00:00.",
        )
    return moment
