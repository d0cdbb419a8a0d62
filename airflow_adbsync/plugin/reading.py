"""Asking target and source for a sync's state: shared by all who look, and never for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar

from airflow.sdk.exceptions import AirflowNotFoundException

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import AsyncConnection, connect_async, typed_errors
from airflow_adbsync.engine.errors import AdbsyncError, ConfigError, ConnectionFailed
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.state import LagPoint, Overview, TablePage, TableQuestion
from airflow_adbsync.engine.state.verifications import TableVerification
from airflow_adbsync.engine.watch import SlotHold, read_hold
from airflow_adbsync.hooks.adbsync import AdbsyncHook
from airflow_adbsync.plugin.references import SyncReference

T = TypeVar("T")
_PATIENCE = 4.0  # seconds for an answer; after that the page says so
_CONNECT_WITHIN = 3  # seconds
_STATEMENT_TIMEOUT = "3s"
_FRESH = 1.5  # seconds for which an answer serves all who ask the same
_FRESH_FAILURE = 5.0


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a server said, or why it did not."""

    value: T | None = None
    error: AdbsyncError | None = None


@dataclass(slots=True)
class _Asked:
    task: asyncio.Task[Any]
    done_at: float | None = None
    failed: bool = False

    def is_fresh(self, now: float) -> bool:
        """Under way, or answered a moment ago."""
        return self.done_at is None or now - self.done_at < (_FRESH_FAILURE if self.failed else _FRESH)


@dataclass(slots=True)
class Readings:
    """Questions under way and answers of the last moment.

    A server that does not answer is asked once at a time, however many look at the page and however long
    it keeps silent.
    """

    _asked: dict[Hashable, _Asked] = field(default_factory=dict)

    async def state(
        self, sync: SyncReference, window: timedelta
    ) -> Answer[tuple[Overview | None, tuple[LagPoint, ...]]]:
        """What the target knows, and the lag of the last ``window``."""

        async def ask(conn: AsyncConnection) -> tuple[Overview | None, tuple[LagPoint, ...]]:
            overview = await state.read_overview(conn, sync.sync_id)
            started = overview is not None and overview.created_at is not None
            lag = await state.read_lag(conn, sync.sync_id, window) if started else ()
            return overview, lag

        return await self._answer(("state", sync.key, window), sync.target, ask)

    async def tables(self, sync: SyncReference, question: TableQuestion) -> Answer[TablePage]:
        """One page of tables; call it where the target is known to hold the sync."""
        return await self._answer(
            ("tables", sync.key, question),
            sync.target,
            lambda conn: state.read_tables(conn, sync.sync_id, question),
        )

    async def verifications(self, sync: SyncReference) -> Answer[tuple[TableVerification, ...]]:
        """The latest comparison of every table."""
        return await self._answer(
            ("verifications", sync.key),
            sync.target,
            lambda conn: state.read_verifications(conn, sync.sync_id),
        )

    async def hold(self, sync: SyncReference, slot_name: str) -> Answer[SlotHold]:
        """The slot, as the source sees it."""
        return await self._answer(
            ("hold", sync.source, slot_name), sync.source, lambda conn: read_hold(conn, slot_name)
        )

    async def _answer(
        self, key: Hashable, conn_id: str, ask: Callable[[AsyncConnection], Awaitable[T]]
    ) -> Answer[T]:
        asked = self._ask(key, conn_id, ask)
        await asyncio.wait({asked.task}, timeout=_PATIENCE)
        if not asked.task.done():
            return Answer(
                error=ConnectionFailed(
                    f"The server of connection {conn_id!r} has not answered within {_PATIENCE:.0f} seconds.",
                    remedy="See whether it is up, overloaded, or behind a firewall; it is asked again.",
                )
            )
        answer: Answer[T] = asked.task.result()
        return answer

    def _ask(self, key: Hashable, conn_id: str, ask: Callable[[AsyncConnection], Awaitable[T]]) -> _Asked:
        now = time.monotonic()
        self._asked = {other: asked for other, asked in self._asked.items() if asked.is_fresh(now)}
        if key not in self._asked:
            task = asyncio.create_task(_ask_server(conn_id, ask))
            self._asked[key] = asked = _Asked(task)
            task.add_done_callback(lambda done: _settle(asked, done))
        return self._asked[key]


def _settle(asked: _Asked, task: asyncio.Task[Answer[Any]]) -> None:
    asked.done_at = time.monotonic()
    asked.failed = task.cancelled() or task.exception() is not None or task.result().error is not None


async def _ask_server(conn_id: str, ask: Callable[[AsyncConnection], Awaitable[T]]) -> Answer[T]:
    try:
        endpoint = await asyncio.to_thread(_endpoint, conn_id)
        conn = await connect_async(
            endpoint,
            within=_CONNECT_WITHIN,
            statement_timeout=_STATEMENT_TIMEOUT,
            application_name="adbsync page",
        )
        async with conn:
            with typed_errors(endpoint, "reading the sync's state"):
                return Answer(await ask(conn))
    except AdbsyncError as error:
        return Answer(error=error)


def _endpoint(conn_id: str) -> Endpoint:
    try:
        return AdbsyncHook(conn_id).endpoint()
    except AirflowNotFoundException as error:
        raise ConfigError(
            f"Airflow knows no connection {conn_id!r}.", remedy=f"Define a connection {conn_id!r} in Airflow."
        ) from error
