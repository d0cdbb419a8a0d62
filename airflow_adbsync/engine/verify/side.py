"""One side of the comparison: a few connections, of which each thread takes one while it needs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any

import psycopg

from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.model import Endpoint

# row_security=off: rather an error than rows that a policy hides (PostgreSQL doc: Row Security Policies).
_SETTINGS = {
    "statement_timeout": "0",
    "lock_timeout": "60s",
    "idle_in_transaction_session_timeout": "0",
    "row_security": "off",
    "search_path": "",
    "standard_conforming_strings": "on",
}
_BEGIN = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
Row = tuple[Any, ...]


class Side:
    """Connections to one server, opened when they are needed, ``most`` of them at the same time."""

    def __init__(self, endpoint: Endpoint, most: int) -> None:
        self.endpoint = endpoint
        self._most = most
        self._opened: list[Connection] = []
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        self._opening = threading.Lock()
        with self.session() as conn:
            encoding = conn.info.parameter_status("server_encoding") or ""
            self.flavour = (encoding, conn.info.server_version)

    def rows(self, statement: str, doing: str) -> list[Row]:
        """Run one query under a snapshot of its own."""
        with self.session() as conn, typed_errors(self.endpoint, doing):
            conn.execute(_BEGIN)
            rows = conn.execute(statement).fetchall()
            conn.execute("COMMIT")
        return list(rows)

    @contextmanager
    def stream(self, statement: str, doing: str) -> Iterator[Iterator[Row]]:
        """Run a query and hand its rows over as they are wanted; the snapshot is taken here."""
        with self.session() as conn, typed_errors(self.endpoint, doing):
            conn.execute(_BEGIN)
            with conn.cursor("adbsync_rows") as cursor:
                cursor.itersize = 5_000
                cursor.execute(statement)
                yield iter(cursor)
            conn.execute("COMMIT")

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """Take a connection for a while; after an error it is not used again."""
        conn = self._take()
        try:
            yield conn
        except BaseException:
            conn.close()
            raise
        finally:
            self._idle.put(conn)

    def cancel(self) -> None:
        """Stop what the server still works on for us, as well as can be."""
        for conn in list(self._opened):
            if not conn.closed:
                with suppress(psycopg.Error):
                    conn.cancel_safe(timeout=5)

    def close(self) -> None:
        """Close every connection."""
        for conn in self._opened:
            conn.close()

    def _take(self) -> Connection:
        with suppress(Empty):
            return self._open_if_closed(self._idle.get_nowait())
        with self._opening:
            if len(self._opened) < self._most:
                return self._open()
        return self._open_if_closed(self._idle.get())

    def _open_if_closed(self, conn: Connection) -> Connection:
        if not conn.closed:
            return conn
        with self._opening:
            self._opened.remove(conn)
            return self._open()

    def _open(self) -> Connection:
        conn = connect(self.endpoint, autocommit=True, **_SETTINGS)
        self._opened.append(conn)
        with typed_errors(self.endpoint):
            if conn.info.server_version >= 170_000:
                conn.execute("SET transaction_timeout = 0")
        return conn


@contextmanager
def open_side(endpoint: Endpoint, most: int) -> Iterator[Side]:
    """Open a side."""
    side = Side(endpoint, most)
    try:
        yield side
    finally:
        side.close()
