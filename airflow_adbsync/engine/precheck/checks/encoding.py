"""Every text of the source can be stored on the target (PostgreSQL doc: Character Set Support)."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "encoding"


def assess(source: str, target: str) -> Finding:
    """UTF8 holds everything, SQL_ASCII promises nothing."""
    if source == target != "SQL_ASCII":
        return passed(NAME, f"Both databases store text as {source}.")
    if source == "SQL_ASCII":
        return alert(
            NAME,
            f"The source's encoding is SQL_ASCII, so its texts may be in any; the target's is {target}.",
            "See that all texts of the source are UTF-8; others stop the load.",
        )
    if target == "UTF8":
        return passed(NAME, f"{source} is converted to UTF8, which holds all of it.")
    return alert(
        NAME,
        f"The source stores text as {source}, the target as {target}, which may not hold every character.",
        "Use a target database with ENCODING 'UTF8'.",
    )


def _look(context: Context) -> Iterator[Finding]:
    (source,), (target,) = context.source.row("encoding"), context.target.row("encoding")
    yield assess(source, target)


CHECK = Check(NAME, _look)
