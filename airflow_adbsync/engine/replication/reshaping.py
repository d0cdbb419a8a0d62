"""From tuples as the source has them to staged rows as the target wants them. Pure.

Tuples of a table whose columns or rows change on the way are copied into a raw table that has the source's
columns in the source's types; from there one statement carries them over into the staging table, through
the configured expressions and filter. A row that does not pass the filter becomes a removal: it may have
passed before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.replication.encoding import Mask
from airflow_adbsync.engine.replication.staging import Staging
from airflow_adbsync.engine.shape import ColumnShape, SentShape

# What no user's column is called: expressions name columns of the source's row beside these.
_P = "adbsync_"


@dataclass(frozen=True, slots=True)
class Reshaping:
    """The raw table ``raw`` with columns of these ``types``, which feeds ``staging``.

    ``names`` are the source's columns, ``key`` the places of its key among them.
    """

    raw: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    key: tuple[int, ...]
    shape: SentShape
    staging: Staging

    def create(self) -> str:
        """It has nothing but types: no constraint, no default."""
        head = [f'{_P}op "char"', f"{_P}mask int"] if self.key else [f"{_P}n int"]
        keys = [f"{_P}k{i} {self.types[place]}" for i, place in enumerate(self.key)]
        columns = [f"{_P}c{place} {type_}" for place, type_ in enumerate(self.types)]
        return f"CREATE TEMP TABLE {self.raw} ({', '.join(head + keys + columns)}) ON COMMIT DELETE ROWS"

    def copy(self, form: str) -> str:
        """The statement that `encode_keyed` or `encode_keyless` feeds, in a form of COPY's."""
        return f"COPY {self.raw} FROM STDIN (FORMAT {form})"

    def carry(self, numbers: Sequence[int] = (0,)) -> str:
        """Fill the staging table; ``numbers`` lead from a raw row's mask to that of its staged row."""
        return self._carry_keyed(numbers) if self.key else self._carry_keyless()

    def target_mask(self, mask: Mask) -> Mask:
        """The places among the staged columns of what was not sent."""
        return tuple(
            place
            for place, column in enumerate(self._written)
            if column.source is not None and self.names.index(column.source) in mask
        )

    def _carry_keyed(self, numbers: Sequence[int]) -> str:
        staged_keys = [f"k{i}" for i in range(len(self.staging.key))]
        columns = [f"c{place}" for place in range(len(self._written))]
        values = [
            f"CASE WHEN {_P}op <> 'D' AND {self._passes} THEN {self._value(column)} END"
            for column in self._written
        ]
        mask = f"(ARRAY[{', '.join(map(str, numbers))}])[{_P}mask + 1]"
        return (
            f"INSERT INTO {self.staging.stage} ({', '.join(['op', 'mask', *staged_keys, *columns])}) "
            f"SELECT CASE WHEN {self._passes} THEN {_P}op ELSE 'D' END, {mask}, "
            f"{', '.join([*self._key_values(), *values])} FROM {self._rows} "
            f"WHERE {_P}op <> 'I' OR {self._passes}"
        )

    def _carry_keyless(self) -> str:
        columns = ", ".join(f"c{place}" for place in range(len(self._written)))
        values = ", ".join(self._value(column) for column in self._written)
        return (
            f"INSERT INTO {self.staging.stage} (n, {columns}) SELECT {_P}n, {values} "
            f"FROM {self._rows} WHERE {self._passes}"
        )

    @property
    def _written(self) -> tuple[ColumnShape, ...]:
        return staged_columns(self.shape)

    @property
    def _rows(self) -> str:
        """The raw rows with the source's names, so that a filter or value reads as on the source."""
        named = ", ".join(
            f"r.{_P}c{place} AS {quote_identifier(name)}" for place, name in enumerate(self.names)
        )
        head = [f"r.{_P}op", f"r.{_P}mask"] if self.key else [f"r.{_P}n"]
        head += [f"r.{_P}k{i}" for i in range(len(self.key))]
        parts = ", ".join([*head, named])
        return f"(SELECT {parts} FROM {self.raw} AS r) AS {quote_identifier(self.shape.table.name)}"

    @property
    def _passes(self) -> str:
        return f"(({self.shape.where}) IS TRUE)" if self.shape.where else "true"

    def _value(self, column: ColumnShape) -> str:
        value = f"({column.value})" if column.value else quote_identifier(column.source or "")
        return f"{value}::{column.type}" if column.type else value

    def _key_values(self) -> list[str]:
        """The old key, in the target's types; an extra column of it is the same in every row."""
        by_source = {self.names[place]: f"{_P}k{i}" for i, place in enumerate(self.key)}
        found = []
        for place in self.staging.key:
            column = self._written[place]
            if column.source is None:
                found.append(self._value(column))
            else:
                value = by_source[column.source]
                found.append(f"{value}::{column.type}" if column.type else value)
        return found


def staged_columns(shape: SentShape) -> tuple[ColumnShape, ...]:
    """What is staged: the columns that are sent and not left out, then the extra ones."""
    return (*(column for column in shape.columns if column is not None), *shape.extra)
