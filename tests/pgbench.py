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


def fill(database: Database, schema: str = "public", scale: int = 1) -> None:
    """Make and fill pgbench's tables."""
    subprocess.run(
        [installed(16).path("pgbench"), "-i", "-q", "-s", str(scale)],
        env=_environment(database, schema),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class Pgbench:
    """Clients at work while the ``with`` lasts, or until their sessions are ended; each keeps a log."""

    def __init__(
        self,
        database: Database,
        directory: Path,
        schema: str = "public",
        *,
        clients: int = 2,
        rate: int = 200,
    ) -> None:
        self.clients = clients
        self._prefix = directory / f"log_{database.endpoint.port}"
        arguments = ["-n", "-c", str(clients), "-j", str(clients), "-T", "300", "-R", str(rate)]
        self._process = subprocess.Popen(
            [installed(16).path("pgbench"), *arguments, "-l", "--log-prefix", str(self._prefix)],
            env=_environment(database, schema),
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
    def is_at_work(self) -> bool:
        """Tell whether any client still has its session."""
        return self._process.poll() is None

    @property
    def committed(self) -> int:
        """How many transactions clients were told to have committed; read it after the end."""
        return len(self._moments())

    @property
    def begun(self) -> float:
        """When the first client was told so, as the system's clock has it; read it after the end."""
        return min(self._moments())

    @property
    def ended(self) -> float:
        """When the last one was."""
        return max(self._moments())

    def _moments(self) -> list[float]:
        """The end of each transaction (PostgreSQL doc: pgbench, Per-Transaction Logging)."""
        logs = self._prefix.parent.glob(f"{self._prefix.name}*")
        lines = [line.split() for log in logs for line in log.read_text().splitlines()]
        return [float(seconds) + float(micros) / 1e6 for _, _, _, _, seconds, micros, *_ in lines]


def count(database: Database, schema: str = "public") -> int:
    """How many transactions the history holds."""
    found: int = database.value(f"SELECT count(*) FROM {schema}.pgbench_history")
    return found


def assert_none_lost_or_doubled(
    source: Database, target: Database, bench: Pgbench, schema: str = "public", *, before: int = 0
) -> None:
    """Both sides hold the same, each committed transaction once.

    A client whose session was ended may have committed one more than it was told.
    """
    assert_equal(source, target, [f"{schema}.{table}" for table in TABLES])
    found = count(target, schema) - before
    assert bench.committed <= found <= bench.committed + bench.clients
    assert bench.committed > 50, "which proves little"
    assert_consistent(target, schema)


def assert_consistent(database: Database, schema: str = "public") -> None:
    """No transaction is there by half."""
    (sums,) = database.fetch(
        f"""
        SELECT (SELECT sum(delta) FROM {schema}.pgbench_history),
               (SELECT sum(abalance) FROM {schema}.pgbench_accounts),
               (SELECT sum(tbalance) FROM {schema}.pgbench_tellers),
               (SELECT sum(bbalance) FROM {schema}.pgbench_branches)
        """
    )
    assert len(set(sums)) == 1


def _environment(database: Database, schema: str) -> dict[str, str]:
    return {**os.environ, **libpq_environment(database.endpoint), "PGOPTIONS": f"-c search_path={schema}"}
