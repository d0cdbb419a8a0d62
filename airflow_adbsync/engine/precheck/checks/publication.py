"""The account may publish the selected tables (PostgreSQL doc: CREATE PUBLICATION)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.model import Finding, QualifiedName, quote_identifier
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import listed

NAME = "publication"


def assess(
    user: str,
    database: str,
    *,
    may_create: bool,
    owners: Sequence[tuple[QualifiedName, str]],
) -> Iterator[Finding]:
    """``owners``: tables that others own."""
    role = quote_identifier(user)
    if not may_create:
        yield failed(
            NAME,
            f"The account may not create a publication in database {database}.",
            f"GRANT CREATE ON DATABASE {quote_identifier(database)} TO {role};",
            subject="source",
        )
    if owners:
        roles = ", ".join(quote_identifier(owner) for owner in sorted({owner for _, owner in owners}))
        yield failed(
            NAME,
            f"Only its owner may publish a table; owned by others: {listed(name for name, _ in owners)}.",
            f"GRANT {roles} TO {role};",
            subject="source",
        )
    if may_create and not owners:
        yield passed(NAME, "The account may publish every selected table.", subject="source")


def _look(context: Context) -> Iterator[Finding]:
    (may_create,) = context.source.row("publication_database")
    rows = context.source.rows("publication_tables", oids=context.oids)
    yield from assess(
        context.source.endpoint.user,
        context.source.endpoint.database,
        may_create=may_create,
        owners=[(QualifiedName(schema, name), owner) for schema, name, owner in rows],
    )


CHECK = Check(NAME, _look)
