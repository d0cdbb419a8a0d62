"""A PostgreSQL server of one's own, in a directory of one's own."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import psutil
from psycopg import sql

from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.local import postmaster
from airflow_adbsync.local.account import server_account
from airflow_adbsync.local.binaries import Binaries, installed
from airflow_adbsync.local.cluster import SUPERUSER, Cluster
from airflow_adbsync.local.errors import LocalServerFailed
from airflow_adbsync.local.guard import Guard
from airflow_adbsync.local.ports import free_port
from airflow_adbsync.local.postmaster import StopMode
from airflow_adbsync.local.settings import configuration
from airflow_adbsync.local.shared_copy import reachable_by


class LocalServer:
    """An embedded PostgreSQL on 127.0.0.1, with a password, ready for logical replication.

    ``directory`` is made on need; a cluster that it holds from an earlier time is used again. ``port``
    is chosen when left out. ``settings`` are written to postgresql.conf at each start. ``durable=False``
    is faster and survives a killed server, but not a machine that loses power. ``password`` is generated
    when left out, and kept in the directory.

    As a context manager it starts and stops the server; a process that dies without stopping it leaves
    none behind. ``programs`` are the wheel's when left out, which has versions 16 and 18. Raises
    `ServerUnavailable` where the machine can't run one.
    """

    host = "127.0.0.1"
    user = SUPERUSER

    def __init__(
        self,
        directory: Path,
        version: int,
        port: int | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
        *,
        durable: bool = True,
        password: str | None = None,
        programs: Binaries | None = None,
    ) -> None:
        self.version = version
        self.port = port if port is not None else free_port()
        self._settings = dict(settings)
        self._durable = durable
        self._password = password
        self._installed = programs or installed(version)
        account = server_account()
        self._cluster = Cluster(directory.resolve(), account, reachable_by(account, self._installed))
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, *, outlive: bool = False) -> None:
        """Start the server, making its cluster on need; return when it accepts connections.

        ``outlive=True`` lets it run on after this process. Raises `LocalServerFailed` where it does not
        start, or where a server runs in the directory already.
        """
        found = postmaster.running(self.data_directory)
        if found is not None:
            raise LocalServerFailed(
                f"A server runs in {self._cluster.directory} already (process id {found.pid}).",
                remedy="Stop it first: python -m airflow_adbsync.local stop --directory "
                f"{self._cluster.directory} --version {self.version}",
            )
        self._reap()
        if not self._cluster.exists():
            self._cluster.make(self._password)
        self._password = self._cluster.open(self._password)
        self._cluster.write_configuration(
            configuration(port=self.port, durable=self._durable, settings=self._settings)
        )
        self._process = postmaster.start(self._cluster)
        if not outlive and self._guard is None:
            self._guard = Guard(self._cluster)

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop the server, whoever started it; does nothing where none runs.

        ``immediate`` ends it as a crash would: the next start recovers from the WAL.
        """
        found = postmaster.running(self.data_directory)
        if found is not None:
            postmaster.stop(found, mode)
        self._reap()
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None

    def restart(self, mode: StopMode = "fast") -> None:
        """Stop and start again, on the same port."""
        outlive = self._guard is None and self.pid is not None
        self.stop(mode)
        self.start(outlive=outlive)

    def remove(self) -> None:
        """Stop the server and delete its data and password; the log stays for whoever asks why."""
        self.stop("immediate")
        self._cluster.remove()

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, or None where no server runs."""
        found: psutil.Process | None = postmaster.running(self.data_directory)
        return None if found is None else found.pid

    @property
    def password(self) -> str:
        """The superuser's password; there is one once the server was started for the first time."""
        if self._password is None and self._cluster.exists():
            self._password = self._cluster.open(None)
        if self._password is None:
            raise LocalServerFailed(
                f"The server in {self._cluster.directory} has no password yet.", remedy="Start it first."
            )
        return self._password

    @property
    def data_directory(self) -> Path:
        """PGDATA; below a temporary directory where the server's account can't reach ours."""
        return self._cluster.data

    @property
    def log_file(self) -> Path:
        """The server's log."""
        return self._cluster.log_file

    def endpoint(self, database: str = "postgres") -> Endpoint:
        """The way into one of its databases, as superuser."""
        return Endpoint(
            host=self.host, port=self.port, database=database, user=self.user, password=self.password
        )

    def create_database(self, name: str) -> Endpoint:
        """Create an empty database, and return the way into it."""
        with connect(self.endpoint(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.endpoint(name)

    def binary(self, name: str) -> Path:
        """A program of this server's version (`psql`, `pgbench`, `pg_dump`), for the caller to run."""
        return self._installed.path(name)

    def _reap(self) -> None:
        """Take leave of a postmaster that has ended, by us or by itself."""
        if self._process is not None:
            self._process.wait()
            self._process = None
