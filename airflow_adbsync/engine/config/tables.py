"""What becomes of single tables and of names on the way to the target.

Every name is the source's, but for those that give a new one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from airflow_adbsync.engine.config.expression import refuse_more_than_an_expression
from airflow_adbsync.engine.config.section import Section
from airflow_adbsync.engine.model import LONGEST_NAME, QualifiedName


def _name(text: str) -> str:
    if not text:
        raise ValueError("a name can't be empty")
    if len(text.encode()) > LONGEST_NAME:
        raise ValueError(f"{text!r} is longer than the {LONGEST_NAME} bytes that PostgreSQL gives a name")
    return text


def _within_or_qualified(text: str) -> str:
    parsed = QualifiedName.parse_within(text, "its own schema")
    _name(parsed.schema)
    _name(parsed.name)
    return text


def _sql(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty: write an SQL expression")
    return refuse_more_than_an_expression(text)


NewName = Annotated[str, AfterValidator(_name)]
NewTableName = Annotated[str, AfterValidator(_within_or_qualified)]
Expression = Annotated[str, AfterValidator(_sql)]


class NameCase(StrEnum):
    """How names are written on the target that have no new one in the configuration."""

    PRESERVE = "preserve"
    LOWER = "lower"
    UPPER = "upper"


class NameOptions(Section):
    """``schemas`` leads from a schema of the source to its name on the target; ``case`` is for all others."""

    case: NameCase = NameCase.PRESERVE
    schemas: dict[str, NewName] = Field(default_factory=dict)


class Operation(StrEnum):
    """What replication can carry; TRUNCATE goes with ``delete``."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class ColumnOptions(Section):
    """A new ``name``, another ``type``, or a ``value``: an SQL expression over the source's columns.

    A name alone will do; ``false`` leaves the column out.
    """

    name: NewName | None = None
    type: Expression | None = None
    value: Expression | None = None
    omit: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: Any) -> Any:
        if isinstance(data, str):
            return {"name": data}
        return {"omit": True} if data is False else data

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = (self.name, self.type, self.value)
        if self.omit and any(said):
            raise ValueError("`omit` leaves the column out: take out what else is said about it")
        if not self.omit and not any(said):
            raise ValueError(
                "nothing is said: give a `name`, a `type` or a `value`, or false to leave it out"
            )
        return self


class ExtraColumn(Section):
    """A column that only the target has; ``value`` is a constant expression."""

    type: Expression
    value: Expression


class TableOptions(Section):
    """What differs between a table of the source and its counterpart.

    ``name``: another name, with or without a schema. ``where``: only rows for which this is true are carried.
    ``only``: no other column is carried. ``primary_key``: columns that are the target's primary key.
    ``operations``: what replication carries, where that is not what `incremental` says.
    """

    name: NewTableName | None = None
    where: Expression | None = None
    only: tuple[str, ...] = ()
    columns: dict[str, ColumnOptions] = Field(default_factory=dict)
    extra: dict[NewName, ExtraColumn] = Field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    operations: tuple[Operation, ...] | None = None

    def omits(self, column: str) -> bool:
        """Tell whether a column of the source stays behind."""
        said = self.columns.get(column)
        return said.omit if said else bool(self.only) and column not in self.only

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if len(set(self.primary_key)) < len(self.primary_key):
            raise ValueError("`primary_key` names a column twice: name each once")
        if strays := [name for name in self.columns if self.only and name not in self.only]:
            raise ValueError(f"`columns` names {strays[0]}, which `only` leaves out: add it to `only`")
        if self.operations == ():
            raise ValueError("`operations` is empty: exclude the table in `objects`, or name what to carry")
        return self
