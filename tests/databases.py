"""Servers and databases for the tests: embedded ones, or those that the environment names."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from airflow_adbsync.engine.connect import Connection, connect
from airflow_adbsync.engine.model import Endpoint, TlsMode
from airflow_adbsync.local import ServerUnavailable
from airflow_adbsync.local.binaries import installed


class Server(Protocol):
    """What a test needs of a server: the way into its databases, as an account that may create them."""

    def endpoint(self, database: str = "postgres") -> Endpoint: ...


@dataclass(frozen=True)
class NamedServer:
    """A server that the environment names by a libpq URI."""

    entrance: Endpoint

    @classmethod
    def from_uri(cls, uri: str) -> NamedServer:
        words = {name: str(value) for name, value in conninfo_to_dict(uri).items()}
        return cls(
            Endpoint(
                host=words.get("host", "127.0.0.1"),
                port=int(words.get("port", "5432")),
                user=words.get("user", "postgres"),
                database=words.get("dbname", "postgres"),
                password=words.get("password"),
                tls_mode=TlsMode(words["sslmode"]) if "sslmode" in words else None,
                tls_root_cert=words.get("sslrootcert"),
                tls_cert=words.get("sslcert"),
                tls_key=words.get("sslkey"),
            )
        )

    def endpoint(self, database: str = "") -> Endpoint:
        return replace(self.entrance, database=database) if database else self.entrance


@dataclass(frozen=True)
class Database:
    """One database of a test, with short ways to ask it and to change it."""

    endpoint: Endpoint

    def connect(self, **settings: str) -> Connection:
        """An autocommit connection of one's own, to be used in a `with`."""
        return connect(self.endpoint, autocommit=True, **settings)

    def execute(self, statement: str, *parameters: Any) -> None:
        """Run one statement, or several where there are no parameters."""
        with self.connect() as connection:
            connection.execute(statement, parameters or None)  # type: ignore[call-overload]

    def fetch(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self.connect() as connection:
            return connection.execute(query, parameters or None).fetchall()  # type: ignore[call-overload]

    def value(self, query: str, *parameters: Any) -> Any:
        """The only column of the only row."""
        ((found,),) = self.fetch(query, *parameters)
        return found

    @property
    def major(self) -> int:
        """The server's major version."""
        return int(self.value("SHOW server_version_num")) // 10_000

    def psql_file(self, path: Path, *, stop_on_error: bool = True) -> str:
        """Run a script with psql and return what it printed; a failing script is an error with its text."""
        done = subprocess.run(
            [_psql(), "-X", "-q", "-v", f"ON_ERROR_STOP={int(stop_on_error)}", "-f", path],
            env={**os.environ, **libpq_environment(self.endpoint)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not stop_on_error, done.stderr
        return done.stdout


def libpq_environment(endpoint: Endpoint) -> dict[str, str]:
    """The variables by which psql, pgbench and pg_dump find a database, so that no password is in an argv."""
    words = {
        "PGHOST": endpoint.host,
        "PGPORT": str(endpoint.port),
        "PGUSER": endpoint.user,
        "PGDATABASE": endpoint.database,
        "PGPASSWORD": endpoint.password,
        "PGSSLMODE": endpoint.tls_mode.value if endpoint.tls_mode else None,
        "PGSSLROOTCERT": endpoint.tls_root_cert,
        "PGSSLCERT": endpoint.tls_cert,
        "PGSSLKEY": endpoint.tls_key,
        "PGCLIENTENCODING": "UTF8",
    }
    return {name: value for name, value in words.items() if value is not None}


@contextmanager
def fresh_database(server: Server, prefix: str) -> Iterator[Database]:
    """A database that exists for one test, with everything that holds on to it gone afterwards."""
    name = f"{prefix}_{secrets.token_hex(4)}"
    with connect(server.endpoint(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield Database(server.endpoint(name))
    finally:
        drop_database(server, name)


def drop_database(server: Server, name: str) -> None:
    """Drop a database, its slots and sessions, walsenders too; an applier may still be coming back."""
    with connect(server.endpoint(), autocommit=True) as connection:
        force = sql.SQL(" WITH (FORCE)" if connection.info.server_version >= 130_000 else "")
        statement = sql.SQL("DROP DATABASE {}{}").format(sql.Identifier(name), force)
        deadline = time.monotonic() + 20
        while True:
            _end_sessions(connection, name)
            try:
                connection.execute(statement)
            except (psycopg.errors.ObjectInUse, psycopg.errors.QueryCanceled):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return


def _end_sessions(connection: Connection, name: str) -> None:
    """FORCE does not break a logical slot in use; idle ones go with their database."""
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def _psql() -> Path:
    try:
        return installed(18).path("psql")
    except ServerUnavailable:
        found = shutil.which("psql")
        assert found, "Neither the embedded servers' psql nor one on the PATH was found."
        return Path(found)
