"""``adbsync.lag_sample``: the lag over time."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Lsn

_KEPT = "7 days"


@dataclass(frozen=True, slots=True)
class LagSample:
    """How far the target was behind: WAL bytes, and seconds by the source's clock.

    ``source_lsn`` is where the source's log ended then.
    """

    sampled_at: datetime
    lag_bytes: int
    lag_seconds: float
    retained_bytes: int | None
    source_lsn: Lsn | None = None


class Executes(Protocol):
    """An asynchronous connection, or what shares one."""

    def execute(self, statement: str, parameters: tuple[object, ...], /) -> Awaitable[object]:
        """Run a statement."""


async def add(conn: Executes, sync_id: str, sample: LagSample) -> None:
    """Store a sample and let go of those older than a week."""
    await conn.execute(
        """
        INSERT INTO adbsync.lag_sample
            (sync_id, sampled_at, lag_bytes, lag_seconds, retained_bytes, source_lsn, changes)
        VALUES (%s, %s, %s, %s, %s, %s::pg_lsn, (SELECT changes FROM adbsync.progress WHERE sync_id = %s))
        """,
        (
            sync_id,
            sample.sampled_at,
            sample.lag_bytes,
            sample.lag_seconds,
            sample.retained_bytes,
            None if sample.source_lsn is None else str(sample.source_lsn),
            sync_id,
        ),
    )
    await conn.execute(
        "DELETE FROM adbsync.lag_sample WHERE sync_id = %s AND sampled_at < now() - %s::interval",
        (sync_id, _KEPT),
    )


def latest(conn: Connection, sync_id: str) -> LagSample | None:
    """Return the newest sample, or None."""
    row = conn.execute(
        """
        SELECT sampled_at, lag_bytes, lag_seconds, retained_bytes, source_lsn::text FROM adbsync.lag_sample
        WHERE sync_id = %s ORDER BY sampled_at DESC LIMIT 1
        """,
        (sync_id,),
    ).fetchone()
    if row is None:
        return None
    return LagSample(row[0], row[1], row[2], row[3], Lsn.parse(row[4]) if row[4] else None)
