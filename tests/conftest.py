"""Servers, databases and samples for all tests; none of it is started before a test asks for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.local import LocalServer, ServerUnavailable
from tests.databases import Database, NamedServer, Server, fresh_database
from tests.versions import Role, named, programs, version_to_start

SAMPLES_VARIABLE = "ADBSYNC_SAMPLES"


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [
        f"source server: {_described('source')}",
        f"target server: {_described('target')}",
        f"samples: {os.environ.get(SAMPLES_VARIABLE) or 'none'}",
    ]


@pytest.fixture(scope="session")
def source_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """PostgreSQL 16, or the version or server that ADBSYNC_TEST_SOURCE names."""
    with _server("source", tmp_path_factory.mktemp("source")) as server:
        yield server


@pytest.fixture(scope="session")
def target_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """PostgreSQL 18, or the version or server that ADBSYNC_TEST_TARGET names."""
    with _server("target", tmp_path_factory.mktemp("target")) as server:
        yield server


@pytest.fixture
def source_db(source_server: Server) -> Iterator[Database]:
    """An empty database on the source server."""
    with fresh_database(source_server, "source") as database:
        yield database


@pytest.fixture
def target_db(target_server: Server) -> Iterator[Database]:
    """An empty database on the target server."""
    with fresh_database(target_server, "target") as database:
        yield database


@pytest.fixture
def source(source_db: Database) -> Endpoint:
    """The way into `source_db`."""
    return source_db.endpoint


@pytest.fixture
def target(target_db: Database) -> Endpoint:
    """The way into `target_db`."""
    return target_db.endpoint


@pytest.fixture
def private_server(tmp_path: Path) -> Iterator[Callable[..., LocalServer]]:
    """Make servers that a test may stop, crash and restart: ``private_server("target", settings={...})``.

    Of a version, or of the one that the environment names for the source or the target, if it does.
    """
    with ExitStack() as servers:

        def make(which: int | Role = "source", *, durable: bool = False, **options: Any) -> LocalServer:
            directory = tmp_path / f"server{len(list(tmp_path.glob('server*')))}"
            version = which if isinstance(which, int) else version_to_start(which)
            server = _embedded(directory, version, durable=durable, **options)
            servers.callback(server.remove)
            server.start()
            return server

        yield make


@pytest.fixture(scope="session")
def samples() -> Path:
    """The directory of the sample databases (Pagila)."""
    named = os.environ.get(SAMPLES_VARIABLE)
    if not named:
        pytest.skip(f"needs sample databases: set {SAMPLES_VARIABLE} to the directory of pagila-*.sql")
    directory = Path(named).resolve()
    assert directory.is_dir(), f"{SAMPLES_VARIABLE} names {directory}, which is no directory"
    return directory


@contextmanager
def _server(role: Role, directory: Path) -> Iterator[Server]:
    wanted = named(role)
    if isinstance(wanted, str):
        yield NamedServer.from_uri(wanted)
        return
    server = _embedded(directory, wanted, durable=False)
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _embedded(directory: Path, version: int, **options: Any) -> LocalServer:
    try:
        return LocalServer(directory, version, programs=programs(version), **options)
    except ServerUnavailable as error:
        pytest.skip(str(error))


def _described(role: Role) -> str:
    wanted = named(role)
    if isinstance(wanted, str):
        return f"{NamedServer.from_uri(wanted).endpoint()} (named by the environment)"
    return f"embedded PostgreSQL {wanted}"
