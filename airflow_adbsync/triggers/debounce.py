"""When changes are worth an event: not each of them, and none too late. Pure."""

from __future__ import annotations

from typing import Generic, TypeVar

P = TypeVar("P")


class Debounce(Generic[P]):
    """Turns a position that moves again and again into few reports.

    A new position is reported once it has rested for ``quiet`` seconds, and after ``longest`` seconds in any
    case, counted from the first change that was not reported.
    """

    def __init__(self, reported: P, *, quiet: float, longest: float) -> None:
        self._reported = reported
        self._seen = reported
        self._quiet = quiet
        self._longest = longest
        self._moved_at = self._first_at = 0.0

    def look(self, position: P, now: float) -> bool:
        """Take a look at a moment of a steady clock; tell whether to report the position now."""
        if position == self._reported:
            self._seen = position
            return False
        if position != self._seen:
            if self._seen == self._reported:
                self._first_at = now
            self._seen, self._moved_at = position, now
        if now - self._moved_at < self._quiet and now - self._first_at < self._longest:
            return False
        self._reported = position
        return True
