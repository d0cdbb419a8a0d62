"""Where tables live on a target of the Greenplum family, and in which form; without effect on PostgreSQL."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, model_validator

from airflow_adbsync.engine.config.objects import TableName
from airflow_adbsync.engine.config.section import Section
from airflow_adbsync.engine.model import QualifiedName, Storage, StorageEngine


class DistributionRule(StrEnum):
    """What decides where a table's rows live.

    ``keep``: the policy that it has on a source of the family, else as ``key``. ``key``: its primary key,
    else a unique key, else the columns of its replica identity, else RANDOMLY.
    """

    KEEP = "keep"
    KEY = "key"
    RANDOMLY = "randomly"
    REPLICATED = "replicated"


class KeyOutsideDistribution(StrEnum):
    """What becomes of a unique key that lacks a column of the distribution key, which no segment could check.

    ``widen`` adds the columns, ``leave_out`` does without the key: either way the target no longer refuses
    what the source refuses.
    """

    REFUSE = "refuse"
    WIDEN = "widen"
    LEAVE_OUT = "leave_out"


def _table_distribution(value: object) -> DistributionRule | tuple[str, ...]:
    if isinstance(value, str):
        if value in set(DistributionRule):
            return DistributionRule(value)
        raise ValueError(
            f"{value!r} is none of {', '.join(DistributionRule)}: columns are written as a list, [{value}]"
        )
    if not isinstance(value, list | tuple) or not value or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{value!r} is neither a list of columns nor one of {', '.join(DistributionRule)}")
    if len(set(value)) < len(value):
        raise ValueError("it names a column twice: name each once")
    return tuple(value)


TableDistribution = Annotated[
    DistributionRule | tuple[str, ...],
    PlainValidator(_table_distribution),
    PlainSerializer(lambda value: list(value) if isinstance(value, tuple) else str(value), when_used="json"),
]


class DistributionOptions(Section):
    """``tables`` says it table by table: a list of columns or a rule; ``default`` for all others.

    ``as_primary_key``: a table without a primary or whole unique key gets its distribution key, where the
    source or ``tables`` gives it one, as primary key; its rows must be unique by it. Towards PostgreSQL too.
    """

    default: DistributionRule = DistributionRule.KEEP
    tables: dict[TableName, TableDistribution] = Field(default_factory=dict)
    other_keys: KeyOutsideDistribution = KeyOutsideDistribution.REFUSE
    as_primary_key: bool = False

    def of(self, table: QualifiedName) -> DistributionRule | tuple[str, ...]:
        """What is said about a table."""
        return self.tables.get(str(table), self.default)


def _option_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"{value!r} is not an option's value: write a word or a number")


OptionName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_.]*$")]
OptionValue = Annotated[str, BeforeValidator(_option_value)]


class TableStorage(Section):
    """An engine, with its options and, for beam, its sort key. The engine's name alone will do."""

    engine: StorageEngine
    options: dict[OptionName, OptionValue] = Field(default_factory=dict)
    order_by: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, data: Any) -> Any:
        return {"engine": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _only_beam_sorts(self) -> Self:
        if self.order_by and self.engine is not StorageEngine.BEAM:
            raise ValueError(f"`order_by` is beam's: {self.engine} has no sort key, so take it out")
        return self

    @property
    def storage(self) -> Storage:
        """The same as a noun of the field."""
        return Storage(self.engine, tuple(self.options.items()), self.order_by)


class StorageOptions(Section):
    """``tables`` goes before ``schemas`` before ``default``; where none says anything, the source's stays."""

    default: TableStorage | None = None
    schemas: dict[str, TableStorage] = Field(default_factory=dict)
    tables: dict[TableName, TableStorage] = Field(default_factory=dict)

    def of(self, table: QualifiedName) -> Storage | None:
        """What is said about a table, or None."""
        found = self.tables.get(str(table)) or self.schemas.get(table.schema) or self.default
        return found.storage if found else None
