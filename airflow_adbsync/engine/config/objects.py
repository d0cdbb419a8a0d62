"""Which tables a sync carries."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from airflow_adbsync.engine.config.section import Section
from airflow_adbsync.engine.model import QualifiedName


def _qualified(text: str) -> str:
    return str(QualifiedName.parse(text))


def _compilable(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from error
    return text


Pattern = Annotated[str, AfterValidator(_compilable)]
TableName = Annotated[str, AfterValidator(_qualified)]


class Objects(Section):
    """Whole schemas and single tables, less what is excluded.

    A table is written ``schema.table``; parts with dots, spaces or quotes in double quotes.
    ``exclude`` takes tables of the chosen schemas. ``matching`` and ``excluding`` are regular expressions
    for whole names written so.
    """

    schemas: tuple[str, ...] = ()
    tables: tuple[TableName, ...] = ()
    matching: tuple[Pattern, ...] = ()
    exclude: tuple[TableName, ...] = ()
    excluding: tuple[Pattern, ...] = ()

    @model_validator(mode="after")
    def _selects_something(self) -> Self:
        if not self.schemas and not self.tables and not self.matching:
            raise ValueError(
                "nothing is selected: name at least one schema in `schemas` or table in `tables`"
            )
        both = set(self.tables) & set(self.exclude)
        if both:
            raise ValueError(f"{sorted(both)[0]} stands in both `tables` and `exclude`: take it out of one")
        return self

    @property
    def table_names(self) -> tuple[QualifiedName, ...]:
        """``tables``, read."""
        return tuple(QualifiedName.parse(name) for name in self.tables)

    @property
    def excluded_names(self) -> tuple[QualifiedName, ...]:
        """``exclude``, read."""
        return tuple(QualifiedName.parse(name) for name in self.exclude)
