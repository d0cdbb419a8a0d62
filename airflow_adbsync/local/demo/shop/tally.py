"""What the writer has done so far, and how fast."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Report:
    """``transactions`` were ended by COMMIT or ROLLBACK as meant, ``failed`` were broken off by the server.

    ``rate`` is transactions a second since the report before, ``average`` since the beginning;
    ``elapsed`` is in seconds.
    """

    elapsed: float
    transactions: int
    failed: int
    rate: float
    average: float
    kinds: dict[str, int] = field(default_factory=dict)
    final: bool = False


class Tally:
    """Counts transactions of several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: Counter[str] = Counter()
        self._failed = 0
        self._start = self._last_time = clock()
        self._last_total = 0

    def count(self, kind: str, *, failed: bool = False) -> None:
        """Add one transaction."""
        with self._lock:
            if failed:
                self._failed += 1
            else:
                self._kinds[kind] += 1

    def report(self, *, final: bool = False) -> Report:
        """Say what was counted, and begin a new interval for the rate."""
        with self._lock:
            now, total = self._clock(), self._kinds.total()
            interval, elapsed = now - self._last_time, now - self._start
            rate = (total - self._last_total) / interval if interval else 0.0
            self._last_time, self._last_total = now, total
            return Report(
                elapsed=round(elapsed, 3),
                transactions=total,
                failed=self._failed,
                rate=round(rate, 1),
                average=round(total / elapsed, 1) if elapsed else 0.0,
                kinds=dict(self._kinds),
                final=final,
            )
