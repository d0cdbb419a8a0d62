"""``adbsync.announcement``: up to where a table's changes were announced to those who wait for them."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Lsn, QualifiedName


@dataclass(frozen=True, slots=True)
class Change:
    """A table's last change ended at ``lsn``; ``rows`` were touched since the last announcement."""

    name: QualifiedName
    lsn: Lsn
    rows: int


# What the same run announced before counts as not announced: the run is tried again, so nobody heard it.
_SINCE = """
    SELECT r.schema_name, r.table_name, r.changed_lsn::text, r.changed_rows,
           coalesce(CASE WHEN a.run = %(run)s THEN a.before_rows ELSE a.rows END, 0) AS announced_rows
    FROM adbsync.relation AS r
    LEFT JOIN adbsync.announcement AS a USING (sync_id, schema_name, table_name)
    WHERE r.sync_id = %(sync_id)s AND r.changed_lsn IS NOT NULL
      AND r.changed_lsn IS DISTINCT FROM CASE WHEN a.run = %(run)s THEN a.before_lsn ELSE a.lsn END
    ORDER BY r.schema_name, r.table_name
"""
_NOTE = """
    INSERT INTO adbsync.announcement AS a (sync_id, run, schema_name, table_name, lsn, rows)
    SELECT %s, %s, * FROM unnest(%s::text[], %s::text[], %s::pg_lsn[], %s::bigint[])
    ON CONFLICT (sync_id, schema_name, table_name) DO UPDATE
    SET run = excluded.run, lsn = excluded.lsn, rows = excluded.rows,
        before_lsn = CASE WHEN a.run = excluded.run THEN a.before_lsn ELSE a.lsn END,
        before_rows = CASE WHEN a.run = excluded.run THEN a.before_rows ELSE a.rows END
"""


def take(conn: Connection, sync_id: str, run: str) -> tuple[Change, ...]:
    """Return the tables that have changed since they were last announced, and note that ``run`` does so now.

    ``run`` names who announces; asked again by the same run, it returns the same and what came on top.
    """
    found = conn.execute(_SINCE, {"sync_id": sync_id, "run": run}).fetchall()
    if found:
        schemas, tables, lsns, rows, _ = (list(column) for column in zip(*found, strict=True))
        conn.execute(_NOTE, (sync_id, run, schemas, tables, lsns, rows))
    return tuple(
        Change(QualifiedName(schema, name), Lsn.parse(lsn), rows - announced)
        for schema, name, lsn, rows, announced in found
    )
