"""Every change of a row says which row it was (PostgreSQL doc: Publication, replica identity)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from airflow_adbsync.engine.model import Family, Finding, QualifiedName
from airflow_adbsync.engine.precheck.check import Check, alert, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted, for_a_statement, listed
from airflow_adbsync.engine.replica_identity import TableIdentity, plan

NAME = "replica_identity"


def assess(
    tables: Sequence[TableIdentity], family: Family, whole: Collection[QualifiedName] = ()
) -> Iterator[Finding]:
    """The replica identity phase sets what is not enough, where the account owns the table.

    That changes a table of the source and makes it write more to its log: an alert, to be acknowledged.
    ``whole`` tables need FULL whatever their key.
    """
    wanting = {change.name for change in plan(tables, family, whole)}
    settable = [table.name for table in tables if table.name in wanting and table.owned]
    foreign = [table.name for table in tables if table.name in wanting and not table.owned]
    if foreign:
        named, more = for_a_statement(foreign)
        statements = " ".join(f"ALTER TABLE ONLY {name.sql} REPLICA IDENTITY FULL;" for name in named)
        yield failed(
            NAME,
            f"REPLICA IDENTITY FULL is needed on {counted(len(foreign), 'table')} of other owners: "
            f"{listed(foreign)}.",
            f"As their owner: {statements}{more}",
            subject="source",
        )
    if settable:
        yield alert(
            NAME,
            f"REPLICA IDENTITY FULL will be set on {counted(len(settable), 'table')} until the release, "
            f"so that their old rows are logged whole: {listed(settable)}.",
            "Give them a primary key, or acknowledge this.",
            subject="source",
        )
    if not wanting:
        yield passed(NAME, "Every table's replica identity will do as it is.", subject="source")


def _look(context: Context) -> Iterator[Finding]:
    whole = context.sync.shapes.whole_rows(context.relations)
    yield from assess(context.identities, context.source.server.family, whole)


CHECK = Check(NAME, _look)
