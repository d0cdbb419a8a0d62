"""Many names in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
_NAMED = 5
_IN_A_STATEMENT = 20


def listed(names: Iterable[object], limit: int = _NAMED) -> str:
    """The first few, and how many more there are."""
    every = [str(name) for name in names]
    more = len(every) - limit
    return ", ".join(every[:limit]) + (f" and {more} more" if more > 0 else "")


def counted(number: int, noun: str) -> str:
    """The number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def for_a_statement(names: Iterable[T]) -> tuple[list[T], str]:
    """As many as a statement to paste may hold, and a word on the rest."""
    every = list(names)
    more = len(every) - _IN_A_STATEMENT
    return every[:_IN_A_STATEMENT], (f" (and so on, for {more} more)" if more > 0 else "")
