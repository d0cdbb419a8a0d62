"""The parts of a table that are compared one at a time; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

Key = tuple[str, ...]

# Types whose order is the same in every database; that of text depends on the collation's library.
_ORDERED = re.compile(
    r"smallint|integer|bigint|oid|uuid|bytea|date|numeric(\([-\d,]+\))?"
    r"|timestamp(\(\d\))? with(out)? time zone"
)


@dataclass(frozen=True, slots=True)
class Portion:
    """Rows from the key ``lower`` up to but not including ``upper``; None is without end.

    ``percent`` is the share of them that is compared, chosen by the hash of the key.
    """

    number: int = 0
    lower: Key | None = None
    upper: Key | None = None
    percent: int = 100

    def conditions(self, key: Sequence[str], types: Sequence[str], key_hash: str) -> list[str]:
        """Say in SQL which rows these are, given the expressions of the key's columns and their types."""
        found = []
        if self.lower is not None:
            found.append(f"{_row(key)} >= {_constant(self.lower, types)}")
        if self.upper is not None:
            found.append(f"{_row(key)} < {_constant(self.upper, types)}")
        if self.percent < 100:
            found.append(f"({key_hash} & 1023) < {self.percent * 1024 // 100}")
        return found


def can_be_cut(types: Sequence[str]) -> bool:
    """Tell whether a key of these types has the same order on every server."""
    return bool(types) and all(_ORDERED.fullmatch(type_) for type_ in types)


def cut(bounds: Sequence[Key]) -> tuple[Portion, ...]:
    """Cut a table at the given keys, which stand in their order; keys that come twice count once."""
    distinct = list(dict.fromkeys(bounds))
    return tuple(
        Portion(number, lower, upper)
        for number, (lower, upper) in enumerate(zip([None, *distinct], [*distinct, None], strict=True))
    )


def quote_literal(text: str) -> str:
    """The text as SQL reads it where standard_conforming_strings is on."""
    return "'" + text.replace("'", "''") + "'"


def _row(expressions: Sequence[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"({', '.join(expressions)})"


def _constant(key: Key, types: Sequence[str]) -> str:
    return _row([f"{quote_literal(text)}::{type_}" for text, type_ in zip(key, types, strict=True)])
