"""The account may read the selected tables and the sequences that they use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_adbsync.engine.model import Finding, QualifiedName, quote_identifier
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.listing import counted, for_a_statement, listed

NAME = "source_rights"


def assess(
    user: str,
    unusable_schemas: Sequence[str],
    unreadable: Sequence[QualifiedName],
    sequences: Sequence[QualifiedName] = (),
) -> Iterator[Finding]:
    """One finding for the schemas, one for the tables, one for the sequences."""
    role = quote_identifier(user)
    if unusable_schemas:
        schemas = ", ".join(map(quote_identifier, unusable_schemas))
        yield failed(
            NAME,
            f"The account may not use schema {listed(unusable_schemas)}.",
            f"GRANT USAGE ON SCHEMA {schemas} TO {role};",
            subject="source",
        )
    if unreadable:
        tables, more = for_a_statement(unreadable)
        yield failed(
            NAME,
            f"The account may not read {counted(len(unreadable), 'table')}: {listed(unreadable)}.",
            f"GRANT SELECT ON {', '.join(table.sql for table in tables)} TO {role};{more}",
            subject="source",
        )
    if sequences:
        named, more = for_a_statement(sequences)
        yield failed(
            NAME,
            f"The account may not read {counted(len(sequences), 'sequence')}: {listed(sequences)}.",
            f"GRANT SELECT ON SEQUENCE {', '.join(name.sql for name in named)} TO {role};{more}",
            subject="source",
        )
    if not unusable_schemas and not unreadable and not sequences:
        yield passed(NAME, "The account may read every selected table and its sequences.", subject="source")


def _look(context: Context) -> Iterator[Finding]:
    rows = context.source.rows("source_rights", oids=context.oids)
    schemas = sorted({schema for schema, _, may_use, _ in rows if not may_use})
    tables = [QualifiedName(schema, name) for schema, name, _, may_select in rows if not may_select]
    sequences = [QualifiedName(*row) for row in context.source.rows("sequence_rights", oids=context.oids)]
    yield from assess(context.source.endpoint.user, schemas, tables, sequences)


CHECK = Check(NAME, _look)
