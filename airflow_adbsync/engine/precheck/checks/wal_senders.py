"""The source has a walsender to spare (PostgreSQL doc: max_wal_senders)."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "wal_senders"


def assess(limit: int, used: int, *, ours: bool) -> Finding:
    """The sync takes one while it replicates."""
    if not ours and used >= limit:
        return failed(
            NAME,
            f"All {limit} walsenders are in use.",
            f"ALTER SYSTEM SET max_wal_senders = {limit + 5}; then restart the server.",
            subject="source",
        )
    return passed(NAME, f"{used} of {limit} walsenders are in use.", subject="source")


def _look(context: Context) -> Iterator[Finding]:
    limit, used, ours = context.source.row("wal_senders", slot=context.sync.slot_name)
    yield assess(limit, used, ours=ours)


CHECK = Check(NAME, _look)
