"""Sizes and times as people read them."""

from __future__ import annotations

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def size(number: float) -> str:
    """Bytes, in the unit that leaves few digits: powers of 1024, as PostgreSQL counts."""
    place = 0
    while number >= 1024 and place < len(_UNITS) - 1:
        number /= 1024
        place += 1
    return f"{number:,.1f} {_UNITS[place]}" if place and number < 10 else f"{number:,.0f} {_UNITS[place]}"


def time(seconds: float) -> str:
    """Seconds, or minutes, hours, days."""
    for step, unit in _STEPS:
        if seconds >= 2 * step:
            return f"{seconds / step:,.0f} {unit}"
    return f"{seconds:,.0f} s" if seconds >= 10 or seconds == 0 else f"{seconds:,.1f} s"
