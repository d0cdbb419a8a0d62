"""CREATE SCHEMA."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.schema.identity import ObjectId
from airflow_adbsync.engine.schema.statement import Draft, Section


def schema_drafts(schemas: Iterable[str], oids: Mapping[str, int]) -> Iterator[Draft]:
    """The schemas that the target lacks: CREATE needs a right even where IF NOT EXISTS finds one."""
    for schema in sorted(schemas):
        sql = f"CREATE SCHEMA IF NOT EXISTS {quote_identifier(schema)}"
        makes = frozenset({ObjectId("pg_namespace", oids[schema])} if schema in oids else ())
        yield Draft(f"schema {schema}", Section.SCHEMA, sql, makes, home=schema)
