"""One side of the comparison: a few connections, and the tables' fingerprints through them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from queue import SimpleQueue

import psycopg

from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.model import Endpoint, QualifiedName

# row_security=off: rather an error than rows that a policy hides (PostgreSQL doc: Row Security Policies).
_SETTINGS = {"statement_timeout": "0", "lock_timeout": "60s", "row_security": "off", "search_path": ""}
_BEGIN = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a table holds: its rows, and the sum of their hashes."""

    rows: int
    checksum: str


class Side:
    """Connections to one server, of which each thread takes one while it needs it."""

    def __init__(self, endpoint: Endpoint, connections: list[Connection]) -> None:
        self.endpoint = endpoint
        self._connections = connections
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        for connection in connections:
            self._idle.put(connection)

    @property
    def size(self) -> int:
        """How many queries can run at the same time."""
        return len(self._connections)

    @property
    def flavour(self) -> tuple[str, int]:
        """The database's encoding and the server's version."""
        info = self._connections[0].info
        return info.parameter_status("server_encoding") or "", info.server_version

    def fingerprint(self, name: QualifiedName, statement: str) -> Fingerprint:
        """Take a table's fingerprint under a snapshot of its own."""
        with self.session() as conn, typed_errors(self.endpoint, f"verifying {name}"):
            conn.execute(_BEGIN)
            row = conn.execute(statement).fetchone()
            conn.execute("COMMIT")
        assert row is not None  # noqa: S101 - aggregates always give a row
        return Fingerprint(*row)

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """Take a connection for a while."""
        conn = self._idle.get()
        try:
            yield conn
        finally:
            self._idle.put(conn)

    def cancel(self) -> None:
        """Stop what the server still works on for us, as well as can be."""
        for conn in self._connections:
            with suppress(psycopg.Error):
                conn.cancel_safe(timeout=5)


@contextmanager
def open_side(endpoint: Endpoint, size: int) -> Iterator[Side]:
    """Open ``size`` connections."""
    with ExitStack() as stack:
        connections = [
            stack.enter_context(closing(connect(endpoint, autocommit=True, **_SETTINGS))) for _ in range(size)
        ]
        with typed_errors(endpoint):
            for conn in connections:
                if conn.info.server_version >= 170_000:
                    conn.execute("SET transaction_timeout = 0")
        yield Side(endpoint, connections)
