"""The SQL that a configuration holds, as statements that a server can be asked to understand; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from airflow_adbsync.engine.model import Relation, quote_identifier
from airflow_adbsync.engine.shape import TableShape


@dataclass(frozen=True, slots=True)
class Expression:
    """``key`` is where it stands in the configuration; ``statement`` is for a server to parse, not to run."""

    key: str
    text: str
    statement: str


def expressions(relation: Relation, shape: TableShape) -> Iterator[Expression]:
    """All that is said in SQL about one table, each over a row of the source's columns.

    The row is made up of NULLs of the columns' types, for the table itself is not on the target yet. A line
    break ends a comment in which the expression may end.
    """
    key = f"tables.{relation.name}"
    if shape.where is not None:
        yield Expression(
            f"{key}.where", shape.where, f"SELECT FROM {_row(relation)} WHERE (\n{shape.where}\n)"
        )
    for column in shape.columns:
        if column.value is None:
            continue
        value = f"(\n{column.value}\n)"
        typed = f"CAST({value} AS {column.type})" if column.type else value
        if column.source is None:
            yield Expression(f"{key}.extra.{column.name}.value", column.value, f"SELECT {typed}")
        else:
            where = f"{key}.columns.{column.source}.value"
            yield Expression(where, column.value, f"SELECT {typed} FROM {_row(relation)}")


def _row(relation: Relation) -> str:
    columns = ", ".join(
        f"CAST(NULL AS {column.type}) AS {quote_identifier(column.name)}" for column in relation.columns
    )
    return f"(SELECT {columns}) AS {quote_identifier(relation.name.name)}"
