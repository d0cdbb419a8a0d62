"""CREATE SCHEMA."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.schema.statement import Draft, Section


def schema_drafts(schemas: Iterable[str]) -> Iterator[Draft]:
    """The schemas that the target lacks: CREATE needs a right even where IF NOT EXISTS finds one."""
    for schema in sorted(schemas):
        sql = f"CREATE SCHEMA IF NOT EXISTS {quote_identifier(schema)}"
        yield Draft(f"schema {schema}", Section.SCHEMA, sql, home=schema)
