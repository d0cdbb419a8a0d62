"""An asynchronous connection for a watcher: it opens when it is needed, and again after it broke."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import psycopg

from airflow_adbsync.engine.connect import AsyncConnection, connect_async, typed_errors
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.sync import Sync


class WatchSession:
    """One side of a sync, as an event loop asks it. It holds no transaction open between two questions."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._conn: AsyncConnection | None = None

    async def fetch(self, query: str, parameters: dict[str, Any]) -> tuple[Any, ...] | None:
        """Ask, and return the first row.

        Raises:
            ConnectionFailed: the server is away; the next call connects anew.
            AdbsyncError: it refused, see `connect.classify`.
        """
        conn = await self.connection()
        with typed_errors(self._endpoint):
            cursor = await conn.execute(query, parameters)
            row: tuple[Any, ...] | None = await cursor.fetchone()
            return row

    async def connection(self) -> AsyncConnection:
        """The open connection, in autocommit."""
        if self._conn is None or self._conn.closed:
            self._conn = await connect_async(self._endpoint)
        return self._conn

    async def close(self) -> None:
        """Leave the server; never fails."""
        conn, self._conn = self._conn, None
        if conn is not None:
            try:
                await conn.close()
            except psycopg.Error:
                return


class Watch:
    """Both sides of a sync, each over one connection, for as long as somebody watches."""

    def __init__(self, sync: Sync) -> None:
        self._sync = sync
        self._source = WatchSession(sync.source)
        self._target = WatchSession(sync.target)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._source.close()
        await self._target.close()
