"""No cut-over of the sync has been made, or stands half-way with the source fenced."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.state.fences import Fence

NAME = "cutover"


def assess(fence: Fence | None, *, both_ways: bool) -> Finding:
    """Whoever killed a cut-over may not know that nobody can write any more."""
    if fence is None:
        return passed(NAME, "No cut-over of this sync is under way.", subject="source")
    if fence.switched_at is None:
        doing = "An abort of a cut-over" if fence.aborted_at else "A cut-over"
        return failed(
            NAME,
            f"{doing} has not come to its end; the source was fenced ({fence.kind}) at "
            f"{fence.fenced_at:%Y-%m-%d %H:%M:%S %Z}.",
            "Clear the task that was killed, and it goes on, or run AbortOperator: it lets writes in again.",
            subject="source",
        )
    if both_ways:
        return passed(NAME, "The sync was cut over, and carries both ways.", subject="source")
    return failed(
        NAME,
        f"The sync was cut over at {fence.switched_at:%Y-%m-%d %H:%M:%S %Z}; the target takes the writes.",
        "Release it; to go back, cut over the sync the other way.",
        subject="source",
    )


def _look(context: Context) -> Iterator[Finding]:
    conn = context.target.connection
    with typed_errors(context.target.endpoint, "looking for a fence"):
        found = state.fences.find(conn, context.sync.sync_id) if state.is_present(conn) else None
    yield assess(found, both_ways=context.sync.config.incremental.both_ways)


CHECK = Check(NAME, _look)
