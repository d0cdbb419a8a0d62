"""What a table's load says while it runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from airflow_adbsync.engine.model import QualifiedName

_LOG = logging.getLogger(__name__)
_SAY_EVERY = 30.0
OnBatch = Callable[[int, int], None]
Spend = Callable[[int, int], None]


class Progress:
    """Counts what the table's relays have moved, and logs a line every half minute.

    ``spend`` is called with every batch's rows and bytes: it returns when they may go on, and raises where
    the load is to end.
    """

    def __init__(self, name: QualifiedName, about_bytes: int, spend: Spend, chunks: int = 1) -> None:
        self._name = name
        self._about = about_bytes
        self._spend = spend
        self._chunks = chunks
        self._chunks_done = self._sent = self._rows = 0
        self._lock = threading.Lock()
        self._began = self._said = time.monotonic()

    def watch(self) -> OnBatch:
        """For one relay: takes the bytes and rows that it has moved so far."""
        before = (0, 0)

        def on_batch(sent: int, rows: int) -> None:
            nonlocal before
            more = sent - before[0]
            self._spend(rows - before[1], more)
            before = sent, rows
            with self._lock:
                self._sent += more
                self._say()

        return on_batch

    def chunk_is_done(self, rows: int) -> None:
        """Count a committed chunk."""
        with self._lock:
            self._chunks_done += 1
            self._rows += rows

    def _say(self) -> None:
        now = time.monotonic()
        if now - self._said < _SAY_EVERY:
            return
        self._said = now
        speed = self._sent / (now - self._began)
        left = max(0.0, self._about - self._sent) / speed if speed else 0.0
        chunks = (
            f"{self._chunks_done} of {self._chunks} chunks ({self._rows} rows) are committed, "
            if self._chunks > 1
            else ""
        )
        _LOG.info(
            "%s: %s%.0f MB so far, of a table of about %.0f MB (%.1f MB/s, about %.0f s left).",
            self._name,
            chunks,
            self._sent / 1e6,
            self._about / 1e6,
            speed / 1e6,
            left,
        )
