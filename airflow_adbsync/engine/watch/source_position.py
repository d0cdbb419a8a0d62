"""Where the source's log ends, and what the sync's slot makes it keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from airflow_adbsync.engine.model import Lsn


@dataclass(frozen=True, slots=True)
class SourcePosition:
    """The source's end of log at a moment of its own clock, and the slot's hold on it.

    What had committed at ``clock`` lies below ``lsn``. The rest is the slot's (PostgreSQL doc:
    pg_replication_slots), where the server tells it: ``wal_status`` and ``safe_wal_size`` (bytes that can
    still be written before the slot may be lost) from 13 on, ``invalidation_reason`` from 17.
    """

    lsn: Lsn
    clock: datetime
    retained_bytes: int | None
    wal_status: str | None
    safe_wal_size: int | None = None
    invalidation_reason: str | None = None
    has_slot: bool = True
