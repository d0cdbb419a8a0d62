"""Adding columns to the definition of a unique key, as the server wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from airflow_adbsync.engine.schema.ddl.text import columns

# Up to the next parenthesis, over names and strings that may hold one.
_TO_PARENTHESIS = re.compile(r"""(?:[^()"']|"(?:[^"]|"")*"|'(?:[^']|'')*')*""")


def widened(definition: str, added: Iterable[str]) -> str:
    """The same with columns added to its first list: UNIQUE (a), CREATE INDEX ... USING btree (a)."""
    end = _end_of_list(definition)
    return f"{definition[:end]}, {columns(added)}{definition[end:]}"


def _end_of_list(definition: str) -> int:
    depth, place = 0, 0
    while match := _TO_PARENTHESIS.match(definition, place):
        place = match.end()
        if place >= len(definition):
            break
        depth += 1 if definition[place] == "(" else -1
        if depth == 0:
            return place
        place += 1
    raise AssertionError(f"no list of columns in {definition}")
