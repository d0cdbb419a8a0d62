"""The source writes what logical decoding needs (PostgreSQL doc: wal_level)."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "wal_level"


def assess(level: str) -> Finding:
    """Only ``logical`` will do."""
    if level == "logical":
        return passed(NAME, "wal_level is logical.", subject="source")
    return failed(
        NAME,
        f"wal_level is {level}.",
        "ALTER SYSTEM SET wal_level = 'logical'; then restart the server.",
        subject="source",
    )


def _look(context: Context) -> Iterator[Finding]:
    (level,) = context.source.row("wal_level")
    yield assess(level)


CHECK = Check(NAME, _look)
