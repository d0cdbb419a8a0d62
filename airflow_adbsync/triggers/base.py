"""What the triggers share: their arguments and how those are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.hooks.sync import aopen_sync
from airflow_adbsync.triggers import outcome

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync


class AdbsyncTrigger(BaseTrigger):
    """A trigger that watches a sync.

    A subclass names its own arguments in ``stored``; they, the configuration and the connection ids are all
    that is stored. Names and meanings of arguments are a stored format: triggers of an older version resume.
    """

    stored: tuple[str, ...] = ()

    def __init__(
        self,
        *,
        config: Mapping[str, Any],
        source_conn_id: str | None = None,
        target_conn_id: str | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.config = dict(config)
        self.source_conn_id = source_conn_id
        self.target_conn_id = target_conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments, as Airflow stores them."""
        names = ("config", "source_conn_id", "target_conn_id", *self.stored)
        return f"{type(self).__module__}.{type(self).__qualname__}", {
            name: getattr(self, name) for name in names
        }

    async def open_sync(self) -> Sync:
        """The sync with its two endpoints, looked up anew: a password may have changed."""
        return await aopen_sync(self.config, self.source_conn_id, self.target_conn_id)


async def event_of(work: Awaitable[dict[str, Any]], deadline: str | None, late: str) -> TriggerEvent:
    """What ``work`` comes to, as the event that its task resumes with; ``late`` says that it took long."""
    try:
        async with asyncio.timeout(seconds_left(deadline)) as limit:
            return outcome.success(await work)
    except AdbsyncError as error:
        return outcome.failure(error)
    except TimeoutError:
        if not limit.expired():
            raise
        return outcome.timeout(late)


async def import_engine(module: str) -> None:
    """Import a module that talks to servers, without holding the event loop up."""
    await asyncio.to_thread(import_module, module)


def seconds_left(deadline: str | None) -> float | None:
    """Seconds until a moment (ISO 8601, with its zone), 0 where it has passed; None where there is none."""
    if deadline is None:
        return None
    return max(0.0, (datetime.fromisoformat(deadline) - datetime.now(UTC)).total_seconds())
