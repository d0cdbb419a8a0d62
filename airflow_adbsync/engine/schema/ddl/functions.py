"""CREATE FUNCTION, CREATE PROCEDURE and CREATE AGGREGATE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.schema.ddl.text import called, lines
from airflow_adbsync.engine.schema.definitions import AggregateDefinition, FunctionDefinition
from airflow_adbsync.engine.schema.identity import function
from airflow_adbsync.engine.schema.statement import Draft, Section

_OR_REPLACE = "CREATE OR REPLACE "


def function_drafts(functions: Iterable[FunctionDefinition]) -> Iterator[Draft]:
    """The server's definitions, made so that they don't replace what the target has."""
    for item in functions:
        sql = item.definition.rstrip()
        if sql.startswith(_OR_REPLACE):
            sql = "CREATE " + sql[len(_OR_REPLACE) :]
        name = called(f"function {item.name}({item.arguments})")
        yield Draft(name, Section.FUNCTION, sql, frozenset({function(item.oid)}), home=item.name.schema)


def aggregate_drafts(aggregates: Iterable[AggregateDefinition]) -> Iterator[Draft]:
    """Aggregates, which are among the functions."""
    for item in aggregates:
        options = (
            f"{key.upper()} = {value}" if value else key.upper() for key, value in item.options.items()
        )
        yield Draft(
            called(f"aggregate {item.name}({item.identity_arguments})"),
            Section.FUNCTION,
            f"CREATE AGGREGATE {item.name.sql}({item.arguments}) {lines(options)}",
            makes=frozenset({function(item.oid)}),
            home=item.name.schema,
        )
