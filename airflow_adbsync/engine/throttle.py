"""How fast a phase may go, and when what was spent has to be reported; pure.

What is spent goes to one account that all tasks of a sync share. It says from when on that is earned: whoever
has spent waits until then, so that together they keep to the limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

# An account is asked about so often, in seconds of what may be spent, or of time where nothing limits it.
_SHARE = 0.1
_LOOK_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Per second, over all tasks; None is unlimited."""

    queries: float | None = None
    rows: float | None = None
    bytes: float | None = None


@dataclass(slots=True)
class Spending:
    """What was spent and not reported yet."""

    queries: float = 0
    rows: float = 0
    bytes: float = 0


@dataclass(slots=True)
class Meter:
    """Collects what is spent until it is enough to report."""

    limits: Limits = field(default_factory=Limits)
    spent: Spending = field(default_factory=Spending)
    _looked: float = float("-inf")

    def spend(self, now: float, *, queries: float = 0, rows: float = 0, bytes_: float = 0) -> Spending | None:
        """Add to it; return all of it when it is to be reported (see `reported`)."""
        self.spent.queries += queries
        self.spent.rows += rows
        self.spent.bytes += bytes_
        return self.spent if self._is_due(now) else None

    def reported(self, now: float, limits: Limits) -> None:
        """Begin anew, under the limits that the account has now."""
        self.limits, self.spent, self._looked = limits, Spending(), now

    def _is_due(self, now: float) -> bool:
        if now - self._looked >= _LOOK_EVERY:
            return True
        return any(
            limit is not None and getattr(self.spent, name) >= limit * _SHARE
            for name, limit in ((item.name, getattr(self.limits, item.name)) for item in fields(Limits))
        )
