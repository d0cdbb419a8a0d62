"""Renaming is for schemas of a size that somebody can oversee."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "many_renames"
_MANY = 5000


def assess(tables: int, renamed: int) -> Finding:
    """``renamed`` tables go by another name on the target."""
    if tables <= _MANY or not renamed:
        return passed(NAME, f"{renamed} of {tables} tables get another name on the target.")
    return alert(
        NAME,
        f"{renamed} of {tables:,} tables get another name on the target; planning takes long with so many.",
        f"Split the sync into several of {_MANY:,} tables or less, or acknowledge this.",
    )


def _look(context: Context) -> Iterator[Finding]:
    shapes = context.shapes
    yield assess(len(shapes), sum(shape.source != shape.target for shape in shapes))


CHECK = Check(NAME, _look)
