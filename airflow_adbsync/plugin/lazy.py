"""The page's application, imported when somebody asks for it."""

from __future__ import annotations

import asyncio
from threading import Lock
from typing import Any


class LazyApp:
    """An ASGI application that is made at its first request: importing it costs seconds of CPU."""

    def __init__(self) -> None:
        self._app: Any = None
        self._making = Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as the application would."""
        if self._app is None:
            # In a thread: the API server has others to answer meanwhile.
            await asyncio.to_thread(self._make)
        await self._app(scope, receive, send)

    def _make(self) -> None:
        from airflow_adbsync.plugin.app import make_app  # noqa: PLC0415 - see above

        with self._making:
            self._app = self._app or make_app()
