"""pgbench at work, and what each of its clients knows to have committed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from airflow_adbsync.local.binaries import installed
from tests.databases import Database, libpq_environment
from tests.integration.replicated import assert_equal

TABLES = ("pgbench_accounts", "pgbench_branches", "pgbench_tellers", "pgbench_history")


def fill(database: Database, scale: int = 1) -> None:
    """Make and fill pgbench's tables."""
    _run(database, "-i", "-q", "-s", str(scale))


class Pgbench:
    """Clients at work while the ``with`` lasts, or until their sessions are ended; each keeps a log."""

    def __init__(self, database: Database, directory: Path, *, clients: int = 2, rate: int = 300) -> None:
        self._prefix = directory / f"log_{database.endpoint.port}"
        self.clients = clients
        arguments = ["-n", "-c", str(clients), "-j", str(clients), "-T", "300", "-R", str(rate)]
        self._process = subprocess.Popen(
            [installed(16).path("pgbench"), *arguments, "-l", "--log-prefix", str(self._prefix)],
            env={**os.environ, **libpq_environment(database.endpoint)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def wait(self, seconds: float = 60) -> None:
        """Return when every client has lost its session or been refused."""
        self._process.wait(seconds)

    @property
    def committed(self) -> int:
        """How many transactions clients were told to have committed; read it after the end."""
        logs = self._prefix.parent.glob(f"{self._prefix.name}*")
        return sum(len(log.read_text().splitlines()) for log in logs)


def assert_none_lost_or_doubled(source: Database, target: Database, bench: Pgbench, before: int = 0) -> None:
    """Both sides hold the same, each committed transaction once; one that was cut off may have one more."""
    assert_equal(source, target, TABLES)
    found = target.value("SELECT count(*) FROM pgbench_history") - before
    assert bench.committed <= found <= bench.committed + bench.clients
    assert bench.committed > 50, "which proves little"
    assert target.fetch(
        "SELECT (SELECT sum(delta) FROM pgbench_history) - (SELECT sum(abalance) FROM pgbench_accounts), "
        "(SELECT sum(tbalance) FROM pgbench_tellers) - (SELECT sum(bbalance) FROM pgbench_branches)"
    ) == [(0, 0)]


def _run(database: Database, *arguments: str) -> None:
    subprocess.run(
        [installed(16).path("pgbench"), *arguments],
        env={**os.environ, **libpq_environment(database.endpoint)},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
