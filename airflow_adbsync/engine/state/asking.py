"""Questions to the control schema from an event loop."""

from __future__ import annotations

from typing import Any

import psycopg

from airflow_adbsync.engine.connect import AsyncConnection


async def fetch(conn: AsyncConnection, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """All rows. Values are bound on this side: a server of the Greenplum family answers that much sooner."""
    async with psycopg.AsyncClientCursor(conn) as cursor:
        await cursor.execute(query, parameters or None)
        return await cursor.fetchall()
