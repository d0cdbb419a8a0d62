"""The source or the target, as the checks talk to it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from airflow_adbsync.engine.catalog import query, read_server
from airflow_adbsync.engine.connect import Connection, connect, conninfo, typed_errors
from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.model import Endpoint, Server
from airflow_adbsync.engine.precheck.fact import Fact
from airflow_adbsync.engine.precheck.setting import Setting

Row = tuple[Any, ...]


class NotRun(Exception):
    """A check can't look, for a reason that another check reports."""


class Side:
    """Each thread has a connection of its own. A side that refused the first one is not tried again."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self.endpoint = endpoint
        self._mine = threading.local()
        self._opened: list[Connection] = []
        self._refusal: AdbsyncError | None = None
        self._lock = threading.Lock()
        self._server = Fact(self._read_server)
        self._settings = Fact(self._read_settings)

    def reach(self) -> AdbsyncError | None:
        """Connect, unless that has been done, and return what is in the way, or None."""
        with self._lock:
            if self._refusal is None and self._own() is None:
                try:
                    self._mine.conn = connect(self.endpoint, autocommit=True)
                except AdbsyncError as error:
                    self._refusal = error
                else:
                    self._opened.append(self._mine.conn)
        return self._refusal

    def join(self) -> bool:
        """Connect for one more thread; False where the side has no room for it."""
        if self._refusal is not None or self._own() is not None:
            return True
        try:
            self._mine.conn = connect(self.endpoint, autocommit=True)
        except AdbsyncError:
            return False
        with self._lock:
            self._opened.append(self._mine.conn)
        return True

    @property
    def connection(self) -> Connection:
        """This thread's open connection in autocommit mode."""
        refusal, conn = self.reach(), self._own()
        if refusal is not None or conn is None:
            raise NotRun(f"the {self.name} can't be reached")
        return conn

    @property
    def server(self) -> Server:
        """What the server says it is."""
        return self._server.get()

    @property
    def settings(self) -> Mapping[str, Setting]:
        """The server's settings as any session of the account has them that asks for nothing else."""
        return self._settings.get()

    def look_at_settings(self) -> None:
        """Read the settings, for a moment over one more connection; a failure is for who asks for them."""
        with suppress(AdbsyncError):
            self._settings.get()

    def rows(self, name: str, **parameters: Any) -> Sequence[Row]:
        """All rows of one of the package's queries."""
        with typed_errors(self.endpoint, name):
            return self.connection.execute(query(__package__, name), parameters or None).fetchall()

    def row(self, name: str, **parameters: Any) -> Row:
        """The only row of one of the package's queries."""
        (row,) = self.rows(name, **parameters)
        return row

    def close(self) -> None:
        """Leave."""
        for conn in self._opened:
            conn.close()

    def _own(self) -> Connection | None:
        conn: Connection | None = getattr(self._mine, "conn", None)
        return None if conn is None or conn.closed else conn

    def _read_server(self) -> Server:
        with typed_errors(self.endpoint):
            return read_server(self.connection)

    def _read_settings(self) -> Mapping[str, Setting]:
        _ = self.connection  # a side that can't be reached is another check's matter
        unpinned = make_conninfo(conninfo(self.endpoint), options="")
        with (
            typed_errors(self.endpoint, "reading settings"),
            psycopg.connect(unpinned, autocommit=True) as conn,
        ):
            rows = conn.execute(query(__package__, "settings")).fetchall()
        return {name: Setting(name, value, unit) for name, value, unit in rows}
