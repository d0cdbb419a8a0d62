"""The applier as the process that the trigger starts, with its events as they come."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from airflow_adbsync.engine.events import ApplierFailed, ApplierStarted, Event, from_line
from airflow_adbsync.engine.replication import Stopped, Until
from airflow_adbsync.engine.replication.applier_process import MODULE, order
from airflow_adbsync.engine.sync import Sync

E = TypeVar("E", bound=Event)


class ApplierChild:
    """A running applier; leaving the ``with`` kills it, unless it has ended."""

    def __init__(self, sync: Sync, until: Until | None = None) -> None:
        self.seen: list[Event] = []
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin is not None
        self._process.stdin.write(order(sync, until or Stopped()))
        self._process.stdin.flush()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for(self, kind: type[E], within: float = 60) -> E:
        """The next event of a kind; whatever comes before it is passed over."""
        deadline = time.monotonic() + within
        while True:
            event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            assert event is not None, f"It ended without {kind.__name__}: {self.seen[-3:]}"
            if isinstance(event, kind):
                return event
            assert not isinstance(event, ApplierFailed), event

    def wait_until_started(self) -> ApplierStarted:
        return self.wait_for(ApplierStarted)

    def poll(self) -> int | None:
        """Its exit status, or None while it runs."""
        return self._process.poll()

    def close_input(self) -> None:
        """Withdraw the order."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def kill(self) -> None:
        """SIGKILL: nothing is said, nothing is cleaned up."""
        self._process.send_signal(signal.SIGKILL)
        self.wait()

    def wait(self, within: float = 60) -> int:
        """Its exit status, once it has ended."""
        status = self._process.wait(within)
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        return status

    def peak_memory(self) -> int:
        """The most memory that it has held at a time, in bytes (proc(5): VmHWM); it must be alive."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = from_line(line)
            self.seen.append(event)
            self._events.put(event)
        self._events.put(None)
