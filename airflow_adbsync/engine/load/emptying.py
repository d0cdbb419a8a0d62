"""Emptying the target's table before it is filled, where its rows are the sync's to remove."""

from __future__ import annotations

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.config import ExistingRows
from airflow_adbsync.engine.errors import TableNotEmpty
from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.definition import Both
from airflow_adbsync.engine.load.session import Session
from airflow_adbsync.engine.model import Relation, RelationKind


def empty(target: Session, sync_id: str, both: Both, rows: ExistingRows) -> bool:
    """Empty the table, in the transaction that has locked it; tell whether FREEZE is possible afterwards.

    Raises:
        TableNotEmpty: the table was there before the sync, and holds rows of which nobody said they may go.
    """
    if state.kept_tables.is_kept(target.conn, sync_id, both.source.name):
        if rows is not ExistingRows.REPLACE:
            _refuse_rows(target, both.target)
        state.kept_tables.take_over(target.conn, sync_id, both.source.name)
    found = target.conn.execute(query(__package__, "foreign_references"), {"oid": both.target.oid}).fetchone()
    if found and found[0]:
        target.conn.execute(statements.delete(both.target))
        return False
    target.conn.execute(statements.truncate(both.target))
    return both.target.kind is RelationKind.TABLE


def _refuse_rows(target: Session, relation: Relation) -> None:
    found = target.conn.execute(statements.has_rows(relation)).fetchone()
    if found and found[0]:
        raise TableNotEmpty(
            f"Table {relation.name} of the target ({target.endpoint}) was there before the sync, and holds "
            "rows that the load would remove. Nothing was changed.",
            remedy=f"Empty it (TRUNCATE {relation.name.sql};), or say `load: {{existing_rows: replace}}` or "
            "`keep`; then clear this task.",
        )
