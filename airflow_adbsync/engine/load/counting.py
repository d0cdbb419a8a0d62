"""Counting what the target took, where its COPY counts rows too that a trigger has dropped."""

from __future__ import annotations

from airflow_adbsync.engine.catalog import may_drop_rows
from airflow_adbsync.engine.errors import StatementFailed
from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.definition import Both
from airflow_adbsync.engine.load.session import Session
from airflow_adbsync.engine.model import QualifiedName


def refuse_dropped(target: Session, both: Both, rows: int) -> None:
    """Return if the table, which held nothing before, holds so many rows.

    Raises:
        StatementFailed: it holds fewer.
    """
    if target.can.copy_counts_rows or not may_drop_rows(target.conn, both.target.oid):
        return
    found = target.conn.execute(statements.count(both.target)).fetchone()
    if found and found[0] != rows:
        raise dropped(both.source.name, rows, found[0])


def dropped(name: QualifiedName, sent: int, taken: int) -> StatementFailed:
    """The error that says so."""
    return StatementFailed(
        f"{name}: the source sent {sent} rows and the target took {taken}.",
        remedy="Look for a trigger or a rule on the target's table that drops rows, and remove it.",
    )
