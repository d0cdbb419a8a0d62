"""The account may open a replication connection: tried, because pg_hba.conf can't be read."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.slot import identify

NAME = "replication_connection"


def assess(user: str, answer: tuple[str, int] | AdbsyncError) -> Finding:
    """``answer`` is what IDENTIFY_SYSTEM returned, or why it could not be asked."""
    if isinstance(answer, AdbsyncError):
        return failed(
            NAME,
            answer.what,
            f'ALTER ROLE "{user}" REPLICATION; and see that pg_hba.conf lets it in (a logical replication '
            "connection is matched by the database's name) and that max_wal_senders is not used up.",
            subject="source",
        )
    cluster, timeline = answer
    return passed(NAME, f"Opened: cluster {cluster}, timeline {timeline}.", subject="source")


def _look(context: Context) -> Iterator[Finding]:
    endpoint = context.source.endpoint
    _ = context.source.connection  # what an ordinary connection can't do either is another check's matter
    try:
        yield assess(endpoint.user, identify(endpoint))
    except AdbsyncError as error:
        yield assess(endpoint.user, error)


CHECK = Check(NAME, _look)
