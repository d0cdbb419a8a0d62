"""Columns of type money mean the same amounts on both sides (PostgreSQL doc: Monetary Types, lc_monetary)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.model import Finding, QualifiedName
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted, listed

NAME = "money"


def assess(source: str, target: str, tables: Sequence[QualifiedName]) -> Finding:
    """``source`` and ``target`` are lc_monetary; ``tables`` have columns of type money.

    The number arrives as it is; how many of its digits are cents is the locale's matter.
    """
    if not tables:
        return passed(NAME, "No selected table has a column of type money.")
    if source == target:
        return passed(NAME, f"Both servers show money as {source} does.")
    return alert(
        NAME,
        f"{counted(len(tables), 'table')} with columns of type money: {listed(tables)}; lc_monetary is "
        f"{source} on the source and {target} on the target, which may show other amounts.",
        f"ALTER DATABASE ... SET lc_monetary = '{source}'; on the target.",
    )


def _look(context: Context) -> Iterator[Finding]:
    tables = [
        relation.name
        for relation in context.relations
        if any(column.type in {"money", "money[]"} for column in relation.columns)
    ]
    values = [side.settings["lc_monetary"].value for side in (context.source, context.target)]
    yield assess(values[0], values[1], tables)


CHECK = Check(NAME, _look)
