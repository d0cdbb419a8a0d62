"""The text of a row, the same on both sides if and only if the row is; pure.

`ROW(...)::text` is such a text, but quoting makes it dear: up to twice the time of the form that is built
here, in which only what could be mistaken is secured. A value of the plain types is never empty and holds no
comma, so nothing between two commas is NULL. Text comes after its length in bytes. All other types go through
ROW, whose quoting tells them apart (PostgreSQL doc: Composite Type Input and Output Syntax).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_PLAIN = re.compile(
    r"(smallint|integer|bigint|numeric(\([-\d,]+\))?|real|double precision|boolean|uuid|bytea|oid|date"
    r"|timestamp(\(\d\))? with(out)? time zone|inet|cidr|macaddr|macaddr8|pg_lsn)"
)
_TEXT = re.compile(r"text|character varying(\(\d+\))?|character(\(\d+\))?")
_FLOAT = {"real": "float4send", "double precision": "float8send"}
# FUNC_MAX_ARGS is 100; each value has a comma.
_MOST_ARGUMENTS = 96


def row_text(values: Sequence[str], types: Sequence[str]) -> str:
    """Build the text from the values' expressions and their types as `format_type` writes them.

    A length is in bytes, so both databases must have the same encoding.
    """
    arguments: list[str] = []
    others = []
    for value, type_ in zip(values, types, strict=True):
        if _PLAIN.fullmatch(type_):
            arguments += [value, "','"]
        elif _TEXT.fullmatch(type_):
            arguments += [f"octet_length({value})", "','", value, "','"]
        else:
            others.append(value)
    parts = [
        f"concat({', '.join(arguments[at : at + _MOST_ARGUMENTS])})"
        for at in range(0, len(arguments), _MOST_ARGUMENTS)
    ]
    if others or not parts:
        parts.append(quoted_row_text(others))
    return " || ".join(parts) if len(parts) == 1 else f"({' || '.join(parts)})"


def quoted_row_text(values: Sequence[str]) -> str:
    """The text of a row whatever its types and the database's encoding."""
    return f"ROW({', '.join(values)})::text"


def exact_floats(values: Sequence[str], types: Sequence[str]) -> tuple[list[str], list[str]]:
    """Take floating-point numbers by their bits: before 12 a server wrote them otherwise than since.

    (PostgreSQL doc: extra_float_digits)
    """
    found = [
        f"encode({_FLOAT[type_]}({value}), 'hex')" if type_ in _FLOAT else value
        for value, type_ in zip(values, types, strict=True)
    ]
    return found, ["oid" if type_ in _FLOAT else type_ for type_ in types]
