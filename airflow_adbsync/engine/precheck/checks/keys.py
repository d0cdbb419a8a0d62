"""Which tables have no key: they are carried exactly, and slowly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.model import Finding, Relation
from airflow_adbsync.engine.precheck.check import Check, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted, listed

NAME = "keys"


def assess(relations: Sequence[Relation]) -> Finding:
    """A row of a keyless table is found by all of its columns."""
    keyless = [relation.name for relation in relations if not relation.keys]
    if not keyless:
        return passed(NAME, "Every table has a primary key or a unique key without NULLs.", subject="source")
    return passed(
        NAME,
        f"{counted(len(keyless), 'table')} without a key: {listed(keyless)}. Updates and deletes there find "
        "their row by all of its columns: exact, but slow where the table is large and changes often; a "
        "primary key helps.",
        subject="source",
    )


def _look(context: Context) -> Iterator[Finding]:
    yield assess(context.relations)


CHECK = Check(NAME, _look)
