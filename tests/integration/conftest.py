"""Fixtures of the integration tests."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from airflow_adbsync.engine.model import Endpoint
from tests.databases import Database, Server


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
