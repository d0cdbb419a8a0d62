"""A table of the target as it comes about from one of the source."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.config import Operation
from airflow_adbsync.engine.model import QualifiedName


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column of the target.

    ``source`` is the source's column that it stands for, None for one that only the target has. ``type`` is
    set where it is not the source's, ``value`` where it is not simply the source's: SQL over the columns of
    the source's row, a constant for an extra column.
    """

    name: str
    source: str | None
    type: str | None = None
    value: str | None = None
    generated: bool = False

    @property
    def is_plain(self) -> bool:
        """Tell whether it holds what the source's column holds, in the same type."""
        return self.source is not None and self.type is None and self.value is None


@dataclass(frozen=True, slots=True)
class TableShape:
    """``columns`` stand in the target's order: the source's, then the extra ones.

    ``where`` is SQL over the columns of the source's row: only rows for which it is true are carried.
    ``primary_key`` holds names of the target's columns; None leaves the source's.
    """

    source: QualifiedName
    target: QualifiedName
    columns: tuple[ColumnShape, ...]
    omitted: tuple[str, ...] = ()
    where: str | None = None
    operations: frozenset[Operation] = frozenset(Operation)
    primary_key: tuple[str, ...] | None = None

    @property
    def carried(self) -> tuple[ColumnShape, ...]:
        """The columns that stand for one of the source, generated ones too."""
        return tuple(column for column in self.columns if column.source is not None)

    @property
    def written(self) -> tuple[ColumnShape, ...]:
        """The columns that are written: generated ones are computed by the target itself."""
        return tuple(column for column in self.columns if not column.generated)

    @property
    def is_plain(self) -> bool:
        """Tell whether the rows are the source's, all of them and unchanged; names may differ."""
        return self.where is None and not self.omitted and all(column.is_plain for column in self.columns)

    def target_column(self, source: str) -> str | None:
        """The name on the target of a column of the source; None where it is left out."""
        return next((column.name for column in self.columns if column.source == source), None)


@dataclass(frozen=True, slots=True)
class SentShape:
    """What becomes of the tuples of a stream: ``columns`` in their order there, None for one left out."""

    table: QualifiedName
    columns: tuple[ColumnShape | None, ...]
    extra: tuple[ColumnShape, ...] = ()
    where: str | None = None

    @property
    def is_plain(self) -> bool:
        """Tell whether a tuple is a row of the target as it is; names may differ."""
        whole = all(column is not None and column.is_plain for column in self.columns)
        return whole and not self.extra and self.where is None

    @property
    def needs_whole_rows(self) -> bool:
        """Tell whether a filter or a value may need columns that an update did not send."""
        values = any(column is not None and column.value is not None for column in self.columns)
        return self.where is not None or values

    @property
    def key_names(self) -> tuple[str | None, ...]:
        """For each column its name on the target, None where it can't help to find a row there."""
        return tuple(column.name if column and column.value is None else None for column in self.columns)
