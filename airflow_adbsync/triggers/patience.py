"""How often, and for how long, something that fails is tried again."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
# What has run for so long was well before it failed.
_WELL_AFTER = 60.0


class Patience:
    """Growing pauses within a window that begins with the first failure and ends with the next success."""

    def __init__(self, window: timedelta, clock: Callable[[], float] = time.monotonic) -> None:
        self._window = window.total_seconds()
        self._clock = clock
        self._failing_since: float | None = None
        self._running_since: float | None = None
        self._pause = _FIRST_PAUSE

    def begin(self) -> None:
        """Something runs; it has worked if it runs for a minute."""
        self._running_since = self._clock()

    def restore(self) -> None:
        """Something worked."""
        self._failing_since = None
        self._pause = _FIRST_PAUSE

    def pause(self) -> float | None:
        """Something failed: seconds to wait before trying again, or None when the window has passed."""
        now = self._clock()
        if self._running_since is not None and now - self._running_since >= _WELL_AFTER:
            self.restore()
        self._running_since = None
        if self._failing_since is None:
            self._failing_since = now
        left = self._failing_since + self._window - now
        if left <= 0:
            return None
        pause = min(self._pause, left)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        return pause
