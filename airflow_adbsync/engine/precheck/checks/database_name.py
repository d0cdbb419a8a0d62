"""The databases' names are such that every tool on the way can take them."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Family, Finding, Server
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "database_name"


def assess(side: str, server: Server) -> Finding:
    """Hyphens are fine with PostgreSQL; AnalyticDB's own data transmission refuses them."""
    if "-" not in server.database:
        return passed(NAME, f"{server.database}: fine.", subject=side)
    if server.family is Family.ANALYTICDB:
        return alert(
            NAME,
            f"{server.database} holds a hyphen, with which AnalyticDB's change stream is not known to work.",
            "Rename the database: ALTER DATABASE ... RENAME TO ..., with underscores.",
            subject=side,
        )
    found = f"{server.database} holds a hyphen, which only AnalyticDB for PostgreSQL minds."
    return passed(NAME, found, subject=side)


def _look(context: Context) -> Iterator[Finding]:
    for side in (context.source, context.target):
        yield assess(side.name, side.server)


CHECK = Check(NAME, _look)
