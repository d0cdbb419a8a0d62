"""The databases' names are such that every tool on the way can take them."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Family, Finding, Server
from airflow_adbsync.engine.precheck.check import Check, alert, failed, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "database_name"
_REMEDY = "Rename the database: ALTER DATABASE ... RENAME TO ..., with underscores."


def assess(side: str, server: Server) -> Finding:
    """A hyphen is fine with PostgreSQL's protocol, and not with AnalyticDB's change stream."""
    if "-" not in server.database:
        return passed(NAME, f"{server.database}: fine.", subject=side)
    if side == "source" and server.family is Family.ANALYTICDB:
        return failed(
            NAME,
            f"{server.database} holds a hyphen, with which AnalyticDB's change stream does not work.",
            _REMEDY,
            subject=side,
        )
    return alert(
        NAME,
        f"{server.database} holds a hyphen: scripts that don't quote names fail on it, and AnalyticDB's "
        "change stream would.",
        f"{_REMEDY} Or acknowledge this.",
        subject=side,
    )


def _look(context: Context) -> Iterator[Finding]:
    for side in (context.source, context.target):
        yield assess(side.name, side.server)


CHECK = Check(NAME, _look)
