"""The statements by which one side of a table is read; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from airflow_adbsync.engine.verify.portions import Key, Portion, quote_literal
from airflow_adbsync.engine.verify.rows import exact_floats, quoted_row_text, row_text

# hashtextextended() came with 11; without it, or between encodings, md5 does (at about three times the cost).
_HASHES_TEXT = 110_000
_SHORTEST_FLOATS = 120_000


def row_version(*, segments: bool) -> str:
    """Which version of a row this is, as a number that changes whenever the row is written.

    Append-optimized tables know no ``xmin``; their rows never come back to the same place.
    """
    facts = ("gp_segment_id", "ctid") if segments else ("ctid", "xmin")
    return f"hashtext(concat(tableoid, ' ', {facts[0]}, ' ', {facts[1]}))::bigint"


_VERSION = row_version(segments=False)


class RowHash(StrEnum):
    """How a text becomes a 64-bit number.

    The collation is pinned, for a hash depends on it; hashing the text takes both databases to have the same
    encoding, and both servers to have hashtextextended().
    """

    TEXT = """hashtextextended({text} COLLATE "C", 0)"""
    MD5 = "('x' || substr(md5(convert_to({text}, 'UTF8')), 1, 16))::bit(64)::bigint"

    def of(self, text: str) -> str:
        """The hash of an SQL expression."""
        return self.value.replace("{text}", text)


@dataclass(frozen=True, slots=True)
class Hashing:
    """What both servers make alike; ``floats`` tells whether they write floating-point numbers so."""

    row_hash: RowHash = RowHash.TEXT
    floats: bool = True

    @classmethod
    def between(cls, source: tuple[str, int], target: tuple[str, int]) -> Hashing:
        """Choose by encoding and ``server_version_num`` of both databases."""
        same_encoding = source[0] == target[0]
        oldest = min(source[1], target[1])
        hashed = RowHash.TEXT if same_encoding and oldest >= _HASHES_TEXT else RowHash.MD5
        return cls(hashed, oldest >= _SHORTEST_FLOATS)

    def of_row(self, values: Sequence[str], types: Sequence[str]) -> str:
        """The hash of a row."""
        if not self.floats:
            values, types = exact_floats(values, types)
        if self.row_hash is RowHash.MD5:
            return self.row_hash.of(quoted_row_text(values))
        return self.row_hash.of(row_text(values, types))


@dataclass(frozen=True, slots=True)
class Reading:
    """One side of a table.

    ``table`` stands after FROM; ``values`` are the expressions of the compared columns, in the same order on
    both sides, ``key`` those of the columns that name a row (none: rows are named by their hash); ``where``
    tells which rows count. ``row_hash`` and ``key_hash`` are expressions of them.
    """

    table: str
    values: tuple[str, ...]
    key: tuple[str, ...]
    key_types: tuple[str, ...]
    row_hash: str
    key_hash: str
    where: str | None = None
    version: str = _VERSION

    def count(self, portion: Portion) -> str:
        """Count the rows."""
        return f"SELECT count(*), ''::text FROM {self.table}{self._where(portion)}"

    def fingerprint(self, portion: Portion) -> str:
        """Count the rows and sum their hashes, so that order doesn't matter and equal rows count each."""
        what = f"count(*), coalesce(sum({self.row_hash}), 0)::text"
        return f"SELECT {what} FROM {self.table}{self._where(portion)}"

    def buckets(self, portion: Portion, mask: int) -> str:
        """`fingerprint` of each bucket of rows; a row is in the bucket of its hash."""
        # OFFSET keeps the hash from being computed twice.
        rows = f"SELECT {self.row_hash} AS h FROM {self.table}{self._where(portion)} OFFSET 0"
        return f"SELECT (h & {mask})::int, count(*), sum(h)::text FROM ({rows}) AS r GROUP BY 1"

    def rows(self, portion: Portion, mask: int, buckets: Collection[int] | None) -> str:
        """The rows' key hashes, row hashes and keys, in the order of the hashes; None for all buckets."""
        key = "".join(f", {part}::text AS k{number}" for number, part in enumerate(self.key))
        names = "".join(f", k{number}" for number in range(len(self.key)))
        which = self._where(portion)
        rows = f"SELECT {self.row_hash} AS h, {self.key_hash} AS n{key} FROM {self.table}{which} OFFSET 0"
        chosen = ""
        if buckets is not None:
            chosen = f" WHERE (h & {mask})::int = ANY ('{{{','.join(map(str, sorted(buckets)))}}}'::int[])"
        return f"SELECT n, h{names} FROM ({rows}) AS r{chosen} ORDER BY n, h"

    def named(self, names: Sequence[Key]) -> str:
        """What there is under these names: for each, rows, sum of hashes, sum of versions."""
        parts = [f"{part}::text" for part in self.key] or [f"{self.row_hash}::text"]
        key = ", ".join(f"{part} AS k{number}" for number, part in enumerate(parts))
        group = ", ".join(f"k{number}" for number in range(len(parts)))
        rows = (
            f"SELECT {key}, {self.row_hash} AS h, {self.version} AS v FROM {self.table}{self._chosen(names)}"
        )
        return f"SELECT {group}, count(*), sum(h)::text, sum(v)::text FROM ({rows}) AS r GROUP BY {group}"

    def shown(self, names: Sequence[Key]) -> str:
        """The text of the rows under these names, for people, if a row's name is its hash."""
        text = f"min(left({quoted_row_text(self.values)}, 200))"
        return f"SELECT {self.row_hash}::text, {text} FROM {self.table}{self._chosen(names)} GROUP BY 1"

    def copy_out(self, values: Sequence[str], names: Sequence[Key]) -> str:
        """Read values of the rows under these names."""
        return f"COPY (SELECT {', '.join(values)} FROM {self.table}{self._chosen(names)}) TO STDOUT"

    def delete(self, names: Sequence[Key]) -> str:
        """Remove the rows under these names."""
        return f"DELETE FROM {self.table}{self._chosen(names)}"

    def cuts(self, percent: float, portions: int) -> str:
        """Keys that cut the table into about that many parts of the same size, by a sample of its pages."""
        key = ", ".join(self.key)
        texts = ", ".join(f"k{number}::text" for number in range(len(self.key)))
        named = ", ".join(f"{part} AS k{number}" for number, part in enumerate(self.key))
        numbered = (
            f"SELECT {named}, row_number() OVER (ORDER BY {key}) AS place, count(*) OVER () AS rows "
            f"FROM {self.table} TABLESAMPLE SYSTEM ({percent:.6f})"
        )
        step = f"greatest(rows / {portions}, 1)"
        cuts = f"place > 1 AND (place - 1) % {step} = 0"
        return f"SELECT {texts} FROM ({numbered}) AS s WHERE {cuts} ORDER BY place"

    def _where(self, portion: Portion) -> str:
        conditions = portion.conditions(self.key, self.key_types, self.key_hash)
        return _where([*conditions, *self._filter()])

    def _chosen(self, names: Sequence[Key]) -> str:
        lists = [_array([name[place] for name in names]) for place in range(max(1, len(self.key)))]
        if self.key:
            casts = ", ".join(f"w{number}::{type_}" for number, type_ in enumerate(self.key_types))
            wanted = ", ".join(f"w{number}" for number in range(len(self.key)))
            texts = ", ".join(f"{list_}::text[]" for list_ in lists)
            row = ", ".join(self.key)
            condition = f"({row}) IN (SELECT {casts} FROM unnest({texts}) AS w ({wanted}))"
        else:
            condition = f"{self.row_hash} = ANY ({lists[0]}::bigint[])"
        return _where([condition, *self._filter()])

    def _filter(self) -> list[str]:
        return [f"({self.where})"] if self.where else []


def _array(elements: Sequence[str]) -> str:
    """A constant array of texts (PostgreSQL doc: Array Input and Output Syntax)."""
    quoted = (element.replace("\\", "\\\\").replace('"', '\\"') for element in elements)
    return quote_literal("{" + ",".join(f'"{element}"' for element in quoted) + "}")


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
