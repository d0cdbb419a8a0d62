"""The source waits long enough for a sign of life from the applier (PostgreSQL doc: wal_sender_timeout)."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.amounts import time
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "wal_sender_timeout"
_SHORT = 10.0


def assess(seconds: float) -> Finding:
    """Zero means never; the applier answers between batches."""
    if seconds == 0:
        found = "The source waits for ever; a connection that died unseen keeps the slot until TCP notices."
        return passed(NAME, found, subject="source")
    if seconds >= _SHORT:
        return passed(NAME, f"The source waits {time(seconds)}.", subject="source")
    return alert(
        NAME,
        f"The source ends replication after {time(seconds)} without an answer: a batch that takes longer "
        "cuts it off, again and again.",
        "ALTER SYSTEM SET wal_sender_timeout = '60s'; SELECT pg_reload_conf();",
        subject="source",
    )


def _look(context: Context) -> Iterator[Finding]:
    yield assess(context.source.settings["wal_sender_timeout"].amount)


CHECK = Check(NAME, _look)
