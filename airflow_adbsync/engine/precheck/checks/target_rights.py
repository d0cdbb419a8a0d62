"""The account may create on the target what the sync needs: schemas, tables, temporary tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.model import Finding, quote_identifier
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import listed

NAME = "target_rights"


def assess(
    user: str,
    database: str,
    *,
    may_create_schemas: bool,
    missing: Sequence[str],
    closed: Sequence[str],
    may_stage: bool = True,
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
    if not may_stage:
        yield failed(
            NAME,
            f"The account may not create temporary tables in database {database}, where changes are staged.",
            f"GRANT TEMPORARY ON DATABASE {quote_identifier(database)} TO {role};",
            subject="target",
        )
    if may_stage and not closed and (may_create_schemas or not missing):
        yield passed(NAME, "The account may create what the sync needs.", subject="target")


def _look(context: Context) -> Iterator[Finding]:
    wanted = {"adbsync", *(name.schema for name in context.target_names)}
    rows = context.target.rows("target_rights", schemas=sorted(wanted))
    yield from assess(
        context.target.endpoint.user,
        context.target.endpoint.database,
        may_create_schemas=all(row[3] for row in rows),
        may_stage=all(row[4] for row in rows),
        missing=[name for name, present, *_ in rows if not present],
        closed=[name for name, present, may_create_in, *_ in rows if present and not may_create_in],
    )


CHECK = Check(NAME, _look)
