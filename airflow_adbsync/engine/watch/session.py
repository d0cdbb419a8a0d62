"""One connection to a database for all who watch it within an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

import psycopg

from airflow_adbsync.engine.connect import AsyncConnection, connect_async, typed_errors
from airflow_adbsync.engine.errors import ConnectionFailed, SyncUnknown
from airflow_adbsync.engine.model import Endpoint

T = TypeVar("T")
Row = tuple[Any, ...]

# How long a server may take to answer one question before the connection counts as broken.
_LONGEST_ANSWER = 60.0
# Answers that nobody asks for any more are let go of when so many are held.
_MOST_ANSWERS = 256

_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Endpoint, WatchSession]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that was put at a moment of the loop's clock, answered or not yet."""

    at: float
    answer: asyncio.Task[list[Row]]


class WatchSession:
    """A connection that opens when it is needed, again after it broke, and closes with its last user.

    It holds no transaction open between two questions. Questions go by the simple protocol: on some servers
    of the Greenplum family a prepared one costs fifty times as much.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._conn: AsyncConnection | None = None
        self._turn = asyncio.Lock()
        self._asked: dict[tuple[object, ...], _Asked] = {}
        self._users = 0

    @classmethod
    def shared(cls, endpoint: Endpoint) -> WatchSession:
        """The one session of the running event loop with this endpoint, to be entered and left."""
        mine = _sessions.setdefault(asyncio.get_running_loop(), {})
        return mine.setdefault(endpoint, cls(endpoint))

    async def __aenter__(self) -> Self:
        self._users += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._users -= 1
        if self._users == 0:
            mine = _sessions.get(asyncio.get_running_loop(), {})
            if mine.get(self._endpoint) is self:
                del mine[self._endpoint]
            await self._close()

    async def fetch(self, query: str, parameters: dict[str, Any], *, max_age: float = 0.0) -> list[Row]:
        """Ask, and return the rows; an answer to the same question may be so many seconds old.

        A caller that is cancelled leaves the question to the others who wait for its answer.

        Raises:
            SyncUnknown: no sync was ever started there.
            ConnectionFailed: the server is away, or did not answer; the next call connects anew.
            AdbsyncError: it refused, see `connect.classify`.
        """
        now = asyncio.get_running_loop().time()
        key = (query, *((name, _hashable(value)) for name, value in sorted(parameters.items())))
        asked = self._asked.get(key)
        if asked is None or asked.at < now - max_age:
            self._forget_old()
            asked = _Asked(now, asyncio.create_task(self._ask(query, parameters)))
            asked.answer.add_done_callback(_retrieve)
            self._asked[key] = asked
        return await asyncio.shield(asked.answer)

    async def execute(self, statement: str, parameters: tuple[object, ...]) -> None:
        """Change something, in a transaction of its own; errors as for `fetch`."""
        await self._within_time(self._execute(statement, parameters))

    async def _ask(self, query: str, parameters: dict[str, Any]) -> list[Row]:
        return await self._within_time(self._fetch(query, parameters))

    async def _fetch(self, query: str, parameters: dict[str, Any]) -> list[Row]:
        conn = await self._connection()
        with typed_errors(self._endpoint):
            try:
                cursor = await conn.execute(query, parameters)
            except psycopg.errors.UndefinedTable as error:
                raise SyncUnknown(
                    f"{self._endpoint} holds no control schema: {error.diag.message_primary}.",
                    remedy="Run the start phase first.",
                ) from error
            return await cursor.fetchall()

    async def _execute(self, statement: str, parameters: tuple[object, ...]) -> None:
        conn = await self._connection()
        with typed_errors(self._endpoint):
            await conn.execute(statement, parameters)

    async def _within_time(self, question: Awaitable[T]) -> T:
        async with self._turn:
            try:
                async with asyncio.timeout(_LONGEST_ANSWER) as limit:
                    return await question
            except TimeoutError as error:
                if not limit.expired():
                    raise
                await self._disconnect()
                raise ConnectionFailed(
                    f"{self._endpoint}: no answer within {_LONGEST_ANSWER:.0f} s.",
                    remedy="Check the server and the network; it is asked again.",
                ) from error

    async def _connection(self) -> AsyncConnection:
        if self._conn is None or self._conn.closed:
            self._conn = await connect_async(self._endpoint)
            self._conn.cursor_factory = psycopg.AsyncClientCursor
        return self._conn

    def _forget_old(self) -> None:
        if len(self._asked) >= _MOST_ANSWERS:
            self._asked = {key: asked for key, asked in self._asked.items() if not asked.answer.done()}

    async def _close(self) -> None:
        for asked in self._asked.values():
            asked.answer.cancel()
        await asyncio.gather(*(asked.answer for asked in self._asked.values()), return_exceptions=True)
        self._asked.clear()
        await self._disconnect()

    async def _disconnect(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            try:
                await conn.close()
            except psycopg.Error:
                return


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _retrieve(answer: asyncio.Task[list[Row]]) -> None:
    """Nobody may be left who would see how the question ended."""
    if not answer.cancelled():
        answer.exception()
