"""Keeping to a number of rows per second."""

from __future__ import annotations

import threading
import time


class Pace:
    """Shared by all workers; None for as fast as it goes."""

    def __init__(self, rows_per_second: int | None) -> None:
        self._rows_per_second = rows_per_second
        self._lock = threading.Lock()
        self._free_at = time.monotonic()

    def keep(self, rows: int) -> None:
        """Wait as long as it takes to have compared these rows at that pace."""
        if self._rows_per_second is None:
            return
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic()) + rows / self._rows_per_second
            pause = self._free_at - time.monotonic()
        time.sleep(max(0.0, pause))
