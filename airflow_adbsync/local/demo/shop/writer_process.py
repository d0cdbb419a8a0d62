"""The writer, seen from the demo: a child process, its orders on its input, its reports on its output."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import Thread

from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.local.demo.errors import ComponentDied
from airflow_adbsync.local.demo.shop.tally import Report
from airflow_adbsync.local.demo.shop.writer import Order
from airflow_adbsync.local.demo.stack.processes import tail

_STOP_TIMEOUT = 30.0  # seconds


class WriterProcess:
    """Writes from its making until `stop`; it ends by itself when this process is gone."""

    def __init__(self, endpoint: Endpoint, rate: float, log_file: Path) -> None:
        self.report: Report | None = None
        self._log_file = log_file
        with log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "airflow_adbsync.local.demo.shop.writer"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self._reader = Thread(target=self._read_reports, daemon=True)
        self._reader.start()
        self._say(json.dumps(Order(endpoint, rate).to_json()))

    @property
    def ended(self) -> bool:
        """Tell whether the process is no more."""
        return self._process.poll() is not None

    def check(self) -> None:
        """Raise `ComponentDied` where the writer has ended by itself."""
        status = self._process.poll()
        if status is not None:
            raise ComponentDied(
                f"The writer ended with status {status}. It said last:\n{tail(self._log_file)}",
                remedy=f"The rest is in {self._log_file}.",
            )

    def stop(self) -> Report | None:
        """Let it end its transactions, and return its last report; does nothing the second time."""
        if self._process.poll() is None:
            self._say("stop")
        try:
            self._process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        return self.report

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # it has ended: `check` says so, with its reason

    def _read_reports(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        for line in self._process.stdout:
            self.report = Report(**json.loads(line))
