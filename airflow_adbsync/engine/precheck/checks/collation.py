"""Texts sort and compare on the target as they do on the source (PostgreSQL doc: Collation Support)."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, alert, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "collation"
_BY_BYTES = {"C", "POSIX"}


def assess(source: tuple[str, str], target: tuple[str, str]) -> Finding:
    """The databases' LC_COLLATE and LC_CTYPE."""
    if _comparable(source) == _comparable(target):
        return passed(NAME, f"Both databases collate by {source[0]}.")
    return alert(
        NAME,
        f"The source collates by {_named(source)}, the target by {_named(target)}: ORDER BY, upper() and "
        "ranges of text come out differently.",
        "Create the target database with the source's LC_COLLATE and LC_CTYPE (TEMPLATE template0).",
    )


def _comparable(pair: tuple[str, str]) -> tuple[str, ...]:
    """One locale is written in several ways: en_US.utf8, en_US.UTF-8; C, POSIX."""
    return tuple("C" if name in _BY_BYTES else name.lower().replace("-", "") for name in pair)


def _named(pair: tuple[str, str]) -> str:
    return pair[0] if pair[0] == pair[1] else f"{pair[0]} with characters of {pair[1]}"


def _look(context: Context) -> Iterator[Finding]:
    source, target = (side.row("collation") for side in (context.source, context.target))
    yield assess((source[0], source[1]), (target[0], target[1]))


CHECK = Check(NAME, _look)
