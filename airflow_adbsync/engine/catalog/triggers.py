"""What the target's triggers may do to rows that are put in."""

from __future__ import annotations

from airflow_adbsync.engine.catalog.queries import query
from airflow_adbsync.engine.connect import Connection


def may_drop_rows(conn: Connection, table: int) -> bool:
    """Tell whether a trigger that fires in this session sees each row before it is put in."""
    row = conn.execute(query(__package__, "before_insert"), {"oid": table}).fetchone()
    return bool(row and row[0])
