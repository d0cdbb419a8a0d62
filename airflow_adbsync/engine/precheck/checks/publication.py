"""The account may publish the selected tables (PostgreSQL doc: CREATE PUBLICATION)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import Finding, QualifiedName, RelationKind, quote_identifier
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
    unpublishable: Sequence[QualifiedName] = (),
) -> Iterator[Finding]:
    """``owners``: tables that others own; ``unpublishable``: partitioned ones on an old server."""
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
    if unpublishable:
        yield failed(
            NAME,
            f"This version can't publish partitioned tables: {listed(unpublishable)}.",
            "Use PostgreSQL 13 or newer as the source, or exclude them.",
            subject="source",
        )
    if may_create and not owners and not unpublishable:
        yield passed(NAME, "The account may publish every selected table.", subject="source")


def _look(context: Context) -> Iterator[Finding]:
    (may_create,) = context.source.row("publication_database")
    rows = context.source.rows("publication_tables", oids=context.oids)
    via_root = capabilities(context.source.server).publish_via_root
    partitioned = [item.name for item in context.relations if item.kind is RelationKind.PARTITIONED]
    yield from assess(
        context.source.endpoint.user,
        context.source.endpoint.database,
        may_create=may_create,
        owners=[(QualifiedName(schema, name), owner) for schema, name, owner in rows],
        unpublishable=[] if via_root else partitioned,
    )


CHECK = Check(NAME, _look)
