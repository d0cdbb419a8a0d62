"""The slot may keep the WAL of a whole full load (PostgreSQL doc: max_slot_wal_keep_size)."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.amounts import size
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "slot_wal_limit"
_LEAST = 1 << 30


def assess(limit: float, data: int) -> Finding:
    """Both in bytes; a limit below zero means that a slot may keep any amount.

    While the tables are loaded nobody reads the slot, so it keeps all that is written meanwhile.
    """
    if limit < 0:
        return passed(NAME, "A slot may keep any amount of WAL (max_slot_wal_keep_size).", subject="source")
    if limit >= max(_LEAST, data):
        found = f"A slot that is more than {size(limit)} of WAL behind is lost (max_slot_wal_keep_size)."
        return passed(NAME, found, subject="source")
    return alert(
        NAME,
        f"A slot that is more than {size(limit)} of WAL behind is lost (max_slot_wal_keep_size); the tables "
        f"hold {size(data)}, and the slot waits while they are loaded.",
        "ALTER SYSTEM SET max_slot_wal_keep_size = -1; SELECT pg_reload_conf(); as far as the disk allows.",
        subject="source",
    )


def _look(context: Context) -> Iterator[Finding]:
    setting = context.source.settings.get("max_slot_wal_keep_size")
    yield assess(setting.amount if setting else -1, sum(relation.bytes for relation in context.relations))


CHECK = Check(NAME, _look)
