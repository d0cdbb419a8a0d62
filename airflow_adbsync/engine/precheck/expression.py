"""The SQL that a configuration holds, as statements that a server can be asked to understand; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from airflow_adbsync.engine.model import Relation, quote_identifier
from airflow_adbsync.engine.shape import TableShape


@dataclass(frozen=True, slots=True)
class Expression:
    """``key`` is where it stands in the configuration; ``statements`` are for a server to parse, not to run.

    An expression stands in each of them between other words: what would end one pair of brackets and open
    another does not fit both ``( )`` and ``CASE END``.
    """

    key: str
    text: str
    statements: tuple[str, ...]


def expressions(relation: Relation, shape: TableShape) -> Iterator[Expression]:
    """All that is said in SQL about one table, each over a row of the source's columns.

    The row is made up of NULLs of the columns' types, for the table itself is not on the target yet; columns
    that are not mentioned stay away, for their types may not be there either. In a WHERE there is no room for
    aggregates, and in a CASE none for functions that return sets.
    """
    key = f"tables.{relation.name}"
    if shape.where is not None:
        row = _row(relation, shape.where)
        statements = tuple(f"SELECT FROM {row} WHERE {form}" for form in _forms(shape.where))
        yield Expression(f"{key}.where", shape.where, statements)
    for column in shape.columns:
        if column.value is None:
            continue
        source = f"FROM {_row(relation, column.value)} " if column.source is not None else ""
        where = f"{key}.columns.{column.source}" if source else f"{key}.extra.{column.name}"
        bracketed, cased = _forms(column.value)
        typed = f"CAST({bracketed} AS {column.type})" if column.type else bracketed
        statements = (f"SELECT {typed} {source}", f"SELECT {source}WHERE {cased} IS NOT NULL")
        yield Expression(f"{where}.value", column.value, statements)


def _forms(text: str) -> tuple[str, str]:
    """A line break ends a comment in which the expression may end."""
    return f"(\n{text}\n)", f"CASE WHEN true THEN\n{text}\nEND"


def _row(relation: Relation, text: str) -> str:
    """A text that names the table may mean its whole row."""
    whole = _mentions(text, relation.name.name)
    columns = ", ".join(
        f"CAST(NULL AS {column.type}) AS {quote_identifier(column.name)}"
        for column in relation.columns
        if whole or _mentions(text, column.name)
    )
    return f"(SELECT {columns}) AS {quote_identifier(relation.name.name)}"


def _mentions(text: str, name: str) -> bool:
    word = rf"(?<!\w){re.escape(name)}(?!\w)"
    return quote_identifier(name) in text or re.search(word, text, re.IGNORECASE) is not None
