"""Durations and sizes as people write them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import pendulum
from pydantic import BeforeValidator

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_SIZES = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|min|[smhdw])\s*)+", re.IGNORECASE)
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|min|[smhdw])", re.IGNORECASE)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)


def parse_duration(value: object) -> timedelta:
    """Read ``12h``, ``1h 30min``, ``500ms``, ISO 8601 (``PT12H``), a number of seconds, or a duration object.

    Raises:
        ValueError: it is none of these, or it is negative.
    """
    duration = _read_duration(value)
    if duration < timedelta(0):
        raise ValueError(f"{value!r} is negative: write a duration of zero or more")
    return duration


def _read_duration(value: object) -> timedelta:
    if isinstance(value, timedelta):  # pendulum.Duration is one
        return timedelta(seconds=value.total_seconds())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=value)
    if isinstance(value, str):
        text = value.strip()
        if _DURATION.fullmatch(text):
            parts = _DURATION_PART.findall(text)
            return sum((float(number) * _UNITS[unit.lower()] for number, unit in parts), timedelta(0))
        if text.upper().startswith("P"):
            return _read_iso(text)
    raise ValueError(f"{value!r} is not a duration: write e.g. 12h, 1h 30min, 500ms or PT12H")


def _read_iso(text: str) -> timedelta:
    try:
        parsed = pendulum.parse(text)
    except ValueError:
        parsed = None
    if not isinstance(parsed, pendulum.Duration):
        raise ValueError(f"{text!r} is not an ISO 8601 duration: write e.g. PT12H or P1DT6H")  # noqa: TRY004
    return timedelta(seconds=parsed.total_seconds())


def parse_size(value: object) -> int:
    """Read ``64MB``, ``1.5 GB``, ``512k`` (powers of 1024, as PostgreSQL does) or a number of bytes.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())):
        return int(float(match[1]) * _SIZES[match[2].lower() + "b"])
    raise ValueError(f"{value!r} is not a size: write e.g. 64MB, 1.5GB or a number of bytes")


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Size = Annotated[int, BeforeValidator(parse_size)]
