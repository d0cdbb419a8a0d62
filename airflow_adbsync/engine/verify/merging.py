"""Finding the rows that only one side has in two streams of hashes; pure, and in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from airflow_adbsync.engine.verify.portions import Key

Row = tuple[Any, ...]


def names_that_differ(source: Iterable[Row], target: Iterable[Row], *, has_key: bool) -> Iterator[Key]:
    """Yield the names under which the sides show other rows.

    Rows are ``(hash of the key, hash of the row, *key)`` and stand in the order of the two hashes. Without a
    key a row is named by its hash.
    """
    for theirs, ours in _side_by_side(source, target):
        there, here = Counter(theirs), Counter(ours)
        if there != here:
            rows = (there - here) + (here - there)
            yield from dict.fromkeys(row[2:] if has_key else (str(row[1]),) for row in rows)


def _side_by_side(source: Iterable[Row], target: Iterable[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
    """Bring together what has the same first element."""
    theirs, ours = _groups(source), _groups(target)
    there, here = next(theirs, None), next(ours, None)
    while there is not None or here is not None:
        if here is None or (there is not None and there[0] < here[0]):
            assert there is not None  # noqa: S101 - one of them is not None
            yield there[1], []
            there = next(theirs, None)
        elif there is None or here[0] < there[0]:
            yield [], here[1]
            here = next(ours, None)
        else:
            yield there[1], here[1]
            there, here = next(theirs, None), next(ours, None)


def _groups(rows: Iterable[Row]) -> Iterator[tuple[int, list[Row]]]:
    for first, group in groupby(rows, key=lambda row: row[0]):
        yield first, list(group)
