"""How the two sides are compared."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, ValidationError

from airflow_adbsync.engine.config.complaints import complaint
from airflow_adbsync.engine.config.objects import TableName
from airflow_adbsync.engine.config.quantities import Duration
from airflow_adbsync.engine.config.section import Section
from airflow_adbsync.engine.model import QualifiedName


class VerifyMode(StrEnum):
    """``count``: rows. ``sampled``: every value of a share of the rows. ``full``: every value of all rows.

    ``schema``: no rows, but columns and their types, indexes, constraints, sequences, and what views give.
    """

    COUNT = "count"
    SAMPLED = "sampled"
    FULL = "full"
    SCHEMA = "schema"


class VerifyOptions(Section):
    """``sample`` is the share in percent; ``chunk_rows`` how many rows are compared at a time; ``parallel``
    how many chunks at once; ``max_keys`` how many differing rows of a table are named.

    ``settle`` is for how long what differs is looked at again while replication runs. ``repair`` brings
    differing rows over again from the source. ``tables`` are all of the sync's where it is empty.
    """

    mode: VerifyMode = VerifyMode.FULL
    sample: Annotated[int, Field(ge=10, le=100)] = 10
    chunk_rows: Annotated[int, Field(ge=1_000)] = 500_000
    parallel: Annotated[int, Field(ge=1, le=64)] = 4
    max_keys: Annotated[int, Field(ge=0, le=10_000)] = 100
    max_rows_per_second: Annotated[int, Field(ge=1)] | None = None
    settle: Duration = timedelta(seconds=30)
    repair: bool = False
    tables: tuple[TableName, ...] = ()

    @property
    def table_names(self) -> tuple[QualifiedName, ...]:
        """``tables``, read."""
        return tuple(QualifiedName.parse(name) for name in self.tables)

    def replaced(self, **said: Any) -> VerifyOptions:
        """These options, with others in the place of some.

        Raises:
            ConfigError: a value can't be used.
        """
        try:
            return VerifyOptions.model_validate({**self.model_dump(), **said})
        except ValidationError as error:
            raise complaint(error, VerifyOptions) from error
