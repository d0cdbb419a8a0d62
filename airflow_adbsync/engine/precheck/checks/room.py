"""The target has room for the source's data."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.amounts import size
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "room"


def assess(data: int, free: int | None, *, told_by: str) -> Finding:
    """Bytes: the selected tables with their indexes, and what is free; None where nobody knows."""
    if free is None:
        return passed(
            NAME,
            f"The tables and their indexes take about {size(data)}. The server does not tell what is free: "
            "`precheck: {capacity: 500GB}` would have it compared.",
            subject="target",
        )
    if data <= free:
        found = (
            f"The tables and their indexes take about {size(data)} of {size(free)} that are free ({told_by})."
        )
        return passed(NAME, found, subject="target")
    return failed(
        NAME,
        f"The tables and their indexes take about {size(data)}; {size(free)} are free ({told_by}).",
        "Give the target more room, or exclude tables.",
        subject="target",
    )


def _look(context: Context) -> Iterator[Finding]:
    capacity = context.sync.config.precheck.capacity
    (data,) = context.source.row("total_size", oids=context.oids)
    names = context.target_names
    used, ours = context.target.row(
        "target_size", schemas=[name.schema for name in names], names=[name.name for name in names]
    )
    if capacity is not None:
        yield assess(data, max(0, capacity - used) + ours, told_by="`precheck.capacity`")
        return
    free = _free_by_the_server(context)
    yield assess(data, None if free is None else free + ours, told_by="gp_toolkit")


def _free_by_the_server(context: Context) -> int | None:
    """Greenplum's gp_toolkit knows the disks of its segments, where the account may ask it."""
    (present,) = context.target.row("disk_free_known")
    if not present:
        return None
    try:
        (free,) = context.target.row("disk_free")
    except AdbsyncError:
        return None
    return int(free) if free is not None else None


CHECK = Check(NAME, _look)
