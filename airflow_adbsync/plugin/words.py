"""Numbers and times as people read them: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

NOTHING = "\N{EN DASH}"
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def size(value: float | None) -> str:
    """Bytes, in units of 1024 as PostgreSQL writes them: 1.5 MB."""
    if value is None:
        return NOTHING
    amount, unit = float(abs(value)), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    sign = "-" if value < 0 else ""
    return f"{sign}{_short(amount)} {_UNITS[unit]}"


def count(value: float | None) -> str:
    """1,234,567."""
    return NOTHING if value is None else f"{round(value):,}"


def brief(value: float | None) -> str:
    """1.2 million."""
    if value is None:
        return NOTHING
    for limit, word in ((1e9, "billion"), (1e6, "million")):
        if value >= limit:
            return f"{_short(value / limit)} {word}"
    return count(value)


def duration(value: float | timedelta | None) -> str:
    """0.4 s, 12 s, 3 min 5 s, 2 h 10 min, 3 d 4 h."""
    if value is None:
        return NOTHING
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 10:
        return f"{_short(seconds)} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return _two(whole, _MINUTE, "min", 1, "s")
    if whole < _DAY:
        return _two(whole, _HOUR, "h", _MINUTE, "min")
    return _two(whole, _DAY, "d", _HOUR, "h")


def rate(value: float | None) -> str:
    """A count each second."""
    return NOTHING if value is None else f"{_short(value) if value < 1000 else count(value)}/s"


def clock(value: datetime | None) -> str:
    """2026-01-31 13:05:09 UTC: times come in UTC from both servers."""
    return NOTHING if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"


def ago(value: datetime | None, now: datetime) -> str:
    """How long it is since then."""
    if value is None:
        return "never"
    seconds = max(0.0, (now - value).total_seconds())
    return "just now" if seconds < 2 else f"{duration(float(round(seconds)))} ago"


def _two(value: int, big: int, big_word: str, small: int, small_word: str) -> str:
    rest = value % big // small
    return f"{value // big} {big_word}" + (f" {rest} {small_word}" if rest else "")


def _short(value: float) -> str:
    if value >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}".rstrip("0").rstrip(".")
