"""The source has a slot to spare (PostgreSQL doc: max_replication_slots)."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "replication_slots"


def assess(limit: int, used: int, *, ours: bool) -> Finding:
    """The sync takes one slot."""
    if not ours and used >= limit:
        return failed(
            NAME,
            f"All {limit} replication slots are in use.",
            f"Drop one that nobody reads, or ALTER SYSTEM SET max_replication_slots = {limit + 5}; "
            "then restart the server.",
            subject="source",
        )
    found = f"{used} of {limit} replication slots are in use" + (", this sync's among them." if ours else ".")
    return passed(NAME, found, subject="source")


def _look(context: Context) -> Iterator[Finding]:
    limit, used, ours = context.source.row("replication_slots", slot=context.sync.slot_name)
    yield assess(limit, used, ours=ours)


CHECK = Check(NAME, _look)
