"""Fixtures of the integration tests."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.model import Endpoint
from tests.databases import Database, Server, fresh_database
from tests.segments import is_distributed
from tests.versions import TARGET_VARIABLE


@pytest.fixture(autouse=True)
def _one_place(request: pytest.FixtureRequest) -> None:
    """Skip what is marked as not for segments where the target has some."""
    mark = request.node.get_closest_marker("one_place")
    if mark:
        server: Server = request.getfixturevalue("target_server")
        if is_distributed(Database(server.endpoint())):
            pytest.skip(f"the target spreads rows over segments: {mark.args[0]}")


@pytest.fixture
def segments(target_db: Database) -> Database:
    """The target, where it is one of the Greenplum family."""
    if not is_distributed(target_db):
        pytest.skip(f"needs a server of the Greenplum family in {TARGET_VARIABLE}")
    return target_db


@pytest.fixture
def second(segments: Database, target_server: Server) -> Iterator[Database]:
    """Another database on the same server of segments."""
    with fresh_database(target_server, "second") as database:
        yield database


@pytest.fixture(autouse=True)
def _new_enough(request: pytest.FixtureRequest) -> None:
    """Skip what a version can't: ``@pytest.mark.requires(source=15)``, for a feature that came with 15."""
    for marker in request.node.iter_markers("requires"):
        for role, needed in marker.kwargs.items():
            with connect(request.getfixturevalue(f"{role}_server").endpoint()) as conn:
                major = conn.info.server_version // 10_000
            if major < needed:
                pytest.skip(f"needs PostgreSQL {needed} as the {role}, which is {major}")


@pytest.fixture
def stranger(source_server: Server, target_server: Server) -> Iterator[Callable[[Endpoint], Endpoint]]:
    """Enter a database as an account that may log in and nothing else."""
    name, password = f"stranger_{secrets.token_hex(4)}", secrets.token_hex(8)
    servers = [Database(server.endpoint()) for server in (source_server, target_server)]
    for server in servers:
        server.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
    used: list[Endpoint] = []

    def enter(endpoint: Endpoint) -> Endpoint:
        used.append(endpoint)
        return replace(endpoint, user=name, password=password)

    yield enter
    for endpoint in used:
        Database(endpoint).execute(f"DROP OWNED BY {name}")
    for server in servers:
        server.execute(f"DROP ROLE {name}")
