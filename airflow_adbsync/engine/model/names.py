"""Names of database objects, and how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

# NAMEDATALEN - 1 (PostgreSQL doc 4.1.1), in bytes.
LONGEST_NAME = 63
_PART = re.compile(r'"((?:[^"]|"")+)"|([^".\s]+)')


def quote_identifier(name: str) -> str:
    """Return the identifier in double quotes, as SQL reads it whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, order=True, slots=True)
class QualifiedName:
    """A schema and a name in it."""

    schema: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``schema.name``; a part that holds a dot, a quote or a space stands in double quotes.

        Names are taken as they are written: unlike SQL, nothing is folded to lower case.

        Raises:
            ValueError: the text is not two names with a dot between.
        """
        first = _PART.match(text)
        second = _PART.match(text, first.end() + 1) if first and text[first.end() :][:1] == "." else None
        if first is None or second is None or second.end() != len(text):
            raise ValueError(
                f'{text!r} is not a qualified name: write schema.table, or "Odd.Schema"."Odd table"'
            )
        return cls(_unquote(first), _unquote(second))

    @classmethod
    def parse_within(cls, text: str, schema: str) -> Self:
        """Read ``schema.name``, or a ``name`` alone, which then lies in the given schema.

        Raises:
            ValueError: the text is neither.
        """
        alone = _PART.fullmatch(text)
        return cls(schema, _unquote(alone)) if alone else cls.parse(text)

    @property
    def sql(self) -> str:
        """The name as SQL reads it, always quoted."""
        return f"{quote_identifier(self.schema)}.{quote_identifier(self.name)}"

    def __str__(self) -> str:
        return f"{_for_people(self.schema)}.{_for_people(self.name)}"


def _unquote(part: re.Match[str]) -> str:
    return part[1].replace('""', '"') if part[1] is not None else part[2]


def _for_people(part: str) -> str:
    return quote_identifier(part) if re.search(r'["\s.]', part) else part
