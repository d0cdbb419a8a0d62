"""The account may create on the target what the sync needs: its control schema, schemas and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.model import Finding, quote_identifier
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import listed

NAME = "target_rights"


def assess(
    user: str, database: str, *, may_create_schemas: bool, missing: Sequence[str], closed: Sequence[str]
) -> Iterator[Finding]:
    """``missing`` schemas have to be created; into ``closed`` ones the account may not create anything."""
    role = quote_identifier(user)
    if missing and not may_create_schemas:
        yield failed(
            NAME,
            f"The account may not create schemas in database {database}; wanted: {listed(missing)}.",
            f"GRANT CREATE ON DATABASE {quote_identifier(database)} TO {role};",
            subject="target",
        )
    if closed:
        yield failed(
            NAME,
            f"The account may not create tables in schema {listed(closed)}.",
            f"GRANT USAGE, CREATE ON SCHEMA {', '.join(map(quote_identifier, closed))} TO {role};",
            subject="target",
        )
    if not closed and (may_create_schemas or not missing):
        yield passed(NAME, "The account may create what the sync needs.", subject="target")


def _look(context: Context) -> Iterator[Finding]:
    wanted = {"adbsync", *(relation.name.schema for relation in context.relations)}
    rows = context.target.rows("target_rights", schemas=sorted(wanted))
    yield from assess(
        context.target.endpoint.user,
        context.target.endpoint.database,
        may_create_schemas=all(row[3] for row in rows),
        missing=[name for name, present, _, _ in rows if not present],
        closed=[name for name, present, may_create_in, _ in rows if present and not may_create_in],
    )


CHECK = Check(NAME, _look)
