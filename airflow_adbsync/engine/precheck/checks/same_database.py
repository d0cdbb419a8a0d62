"""Source and target are not one database that goes by two addresses."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding, Server
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "same_database"


def assess(source: Server, target: Server) -> Finding:
    """Compare system identifiers and database names; an identifier that can't be read is empty."""
    same_cluster = source.system_identifier == target.system_identifier != ""
    if same_cluster and source.database == target.database:
        return failed(
            NAME,
            f"Source and target are one database: {source.database} on cluster {source.system_identifier}.",
            "Point the target's connection at another database.",
        )
    if "" in (source.system_identifier, target.system_identifier):
        return passed(NAME, "The addresses differ; the clusters' identifiers may not be read by the account.")
    return passed(NAME, "Two databases" + (" on one cluster." if same_cluster else " on two clusters."))


def _look(context: Context) -> Iterator[Finding]:
    yield assess(context.source.server, context.target.server)


CHECK = Check(NAME, _look)
