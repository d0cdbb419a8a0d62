"""No row of a selected table is hidden from the account (PostgreSQL doc: Row Security Policies)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.model import Finding, QualifiedName, quote_identifier
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted, listed

NAME = "row_security"


def assess(user: str, filtered: Sequence[QualifiedName]) -> Finding:
    """A full load would silently leave out what a policy hides."""
    if not filtered:
        return passed(NAME, "No policy hides rows from the account.", subject="source")
    return failed(
        NAME,
        f"Row security hides rows of {counted(len(filtered), 'table')} from the account: {listed(filtered)}.",
        f"ALTER ROLE {quote_identifier(user)} BYPASSRLS;",
        subject="source",
    )


def _look(context: Context) -> Iterator[Finding]:
    rows = context.source.rows("row_security", oids=context.oids)
    yield assess(context.source.endpoint.user, [QualifiedName(*row) for row in rows])


CHECK = Check(NAME, _look)
