"""Where rows live on a server that spreads them over segments."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from airflow_adbsync.engine.dialect.capabilities import Capabilities
from airflow_adbsync.engine.model import quote_identifier


def distribution_clause(
    target: Capabilities, *, primary: Sequence[str], unique: Collection[Sequence[str]]
) -> str:
    """The end of CREATE TABLE: by those columns of the primary key that every unique key has too.

    Greenplum doc: a primary key and every unique constraint must contain the distribution key. Written out
    even where the server would choose: its choice differs from version to version. Nothing on PostgreSQL.
    """
    if not target.distributed:
        return ""
    keys = [key for key in (primary, *unique) if key]
    common = [column for column in keys[0] if all(column in key for key in keys)] if keys else []
    if common:
        return f" DISTRIBUTED BY ({', '.join(map(quote_identifier, common))})"
    return " DISTRIBUTED REPLICATED" if keys else " DISTRIBUTED RANDOMLY"
