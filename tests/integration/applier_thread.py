"""`apply` in a thread of the test's, so that the test can be in its way meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from airflow_adbsync.engine.events import ApplierStarted, ApplierStopped, BatchApplied, Event
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication import Stopped, Until, apply
from airflow_adbsync.engine.sync import Sync


class ApplierThread:
    """Applies while the ``with`` lasts; what it raised is raised there."""

    def __init__(self, sync: Sync, until: Until | None = None) -> None:
        self._sync = sync
        self._until = until or Stopped()
        self._stopping = threading.Event()
        self._seen: list[Event] = []
        self._result: ApplierStopped | BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
        if kind is None and isinstance(self._result, BaseException):
            raise self._result

    @property
    def starts(self) -> int:
        """How often it has begun to stream."""
        return sum(isinstance(event, ApplierStarted) for event in self._seen)

    @property
    def batches(self) -> tuple[BatchApplied, ...]:
        return tuple(event for event in self._seen if isinstance(event, BatchApplied))

    def wait_until_started(self, times: int = 1) -> None:
        """Return when it has begun to stream for the n-th time."""
        self._wait(lambda: self.starts >= times, f"{times} starts")

    def wait_until_applied(self, lsn: Lsn) -> None:
        """Return when a batch that ends behind the LSN is applied."""
        self._wait(lambda: any(Lsn.parse(batch.lsn) > lsn for batch in self.batches), f"a batch behind {lsn}")

    def failure(self, within: float = 30) -> BaseException:
        """What it raised, once it has ended by itself; that is not raised any more."""
        self._thread.join(within)
        result, self._result = self._result, None
        assert isinstance(result, BaseException), result
        return result

    def result(self, within: float = 30) -> ApplierStopped:
        """What it returned, once it has ended by itself."""
        self._thread.join(within)
        assert isinstance(self._result, ApplierStopped), self._result
        return self._result

    def _run(self) -> None:
        try:
            self._result = apply(self._sync, self._until, self._seen.append, self._stopping.is_set)
        except BaseException as error:  # noqa: BLE001 - raised where the thread is joined
            self._result = error

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert self._thread.is_alive(), f"It ended before {what}: {self._result!r}"
            assert time.monotonic() < deadline, f"There was not {what} in a minute."
            time.sleep(0.02)
