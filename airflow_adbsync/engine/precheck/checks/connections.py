"""Both servers have room for the connections of as many load tasks as are planned."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "connections"
# Besides the load: the applier, its progress, and whoever looks on.
_BESIDES = 3


def assess(side: str, free: int, wanted: int) -> Finding:
    """``free`` counts by the narrowest bound: the server's, the database's, the account's."""
    if free >= wanted:
        return passed(NAME, f"{free} connections are free, up to {wanted} are needed.", subject=side)
    return alert(
        NAME,
        f"{free} connections are free, and up to {wanted} are needed: tasks will be refused and tried again.",
        "Lower `load.max_tasks` or `load.connections_per_task`, or raise max_connections or the CONNECTION "
        "LIMIT of account or database.",
        subject=side,
    )


def _look(context: Context) -> Iterator[Finding]:
    load = context.sync.config.load
    wanted = load.max_tasks * load.connections_per_task + _BESIDES
    for side in (context.source, context.target):
        (free,) = side.row("connections")
        yield assess(side.name, free, wanted)


CHECK = Check(NAME, _look)
