"""The page's application, imported when somebody asks for it."""

from __future__ import annotations

from functools import cached_property
from typing import Any


class LazyApp:
    """An ASGI application that is made at its first request: importing it costs seconds of CPU."""

    @cached_property
    def _app(self) -> Any:
        from airflow_adbsync.plugin.app import make_app  # noqa: PLC0415 - see above

        return make_app()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as the application would."""
        await self._app(scope, receive, send)
