"""The lag over time, in as many points as a chart can show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from airflow_adbsync.engine.connect import AsyncConnection
from airflow_adbsync.engine.state.asking import fetch

# date_bin is there from PostgreSQL 14 on, max(pg_lsn) from 13 on.
_SERIES = """
    SELECT to_timestamp(floor(extract(epoch FROM sampled_at) / %(width)s) * %(width)s) AS moment,
           max(lag_bytes), max(lag_seconds), max(retained_bytes), max(changes),
           max((source_lsn - '0/0'::pg_lsn) - lag_bytes)::bigint
    FROM adbsync.lag_sample
    WHERE sync_id = %(sync_id)s AND sampled_at > clock_timestamp() - %(window)s::interval
    GROUP BY 1 ORDER BY 1
"""
_POINTS = 180


@dataclass(frozen=True, slots=True)
class LagPoint:
    """The worst of one stretch of time. ``applied`` is the target's place in the source's log, in bytes."""

    moment: datetime
    lag_bytes: int
    lag_seconds: float
    retained_bytes: int | None
    changes: int | None
    applied: int | None


async def read_lag(conn: AsyncConnection, sync_id: str, window: timedelta) -> tuple[LagPoint, ...]:
    """The last ``window``, in 180 points at most."""
    width = max(1.0, window.total_seconds() / _POINTS)
    rows = await fetch(conn, _SERIES, sync_id=sync_id, width=width, window=window)
    return tuple(LagPoint(*row) for row in rows)
