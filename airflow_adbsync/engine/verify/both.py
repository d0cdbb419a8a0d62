"""Both sides, asked at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, TypeVar

from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify.side import Side, open_side

S = TypeVar("S")
T = TypeVar("T")
# A worker may read a stream of rows, and look single ones up meanwhile.
_SESSIONS_OF_A_WORKER = 2
_CANCEL_EVERY = 0.3


class Both:
    """The two sides; once one has failed, both are stopped, and the first failure is the one to tell."""

    def __init__(self, source: Side, target: Side, pool: ThreadPoolExecutor) -> None:
        self.source = source
        self.target = target
        self._pool = pool
        self._failing = threading.Lock()
        self.failure: BaseException | None = None

    def ask(self, source: Callable[[], S], target: Callable[[], T]) -> tuple[S, T]:
        """Do something on both sides at the same time."""
        there, here = self._pool.submit(source), self._pool.submit(target)
        futures: list[Future[Any]] = [there, here]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in done:
            if (error := future.exception()) is not None:
                self.stop(error, futures)
                raise error
        return there.result(), here.result()

    def stop(self, error: BaseException, futures: Collection[Future[Any]]) -> None:
        """Break off what both servers do for us until these have ended; what fails by that is not told."""
        with self._failing:
            self.failure = self.failure or error
        while wait(futures, timeout=0).not_done:
            # A query may have been on its way when it was to be cancelled.
            self.source.cancel()
            self.target.cancel()
            wait(futures, timeout=_CANCEL_EVERY)


@contextmanager
def open_both(sync: Sync, workers: int) -> Iterator[Both]:
    """Open both sides for so many workers."""
    most = _SESSIONS_OF_A_WORKER * workers
    with (
        open_side(sync.source, most) as source,
        open_side(sync.target, most) as target,
        ThreadPoolExecutor(max_workers=2 * workers) as pool,
    ):
        yield Both(source, target, pool)
