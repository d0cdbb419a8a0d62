"""The small pieces that DDL is put together from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from airflow_adbsync.engine.model import QualifiedName, quote_identifier

_LONGEST_NAME = 400


def literal(text: str) -> str:
    """A string as SQL reads it, whatever standard_conforming_strings says."""
    quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
    return "E" + quoted if "\\" in text else quoted


def lines(parts: Iterable[str]) -> str:
    """A list in parentheses, an entry a line."""
    entries = ",\n    ".join(parts)
    return f"(\n    {entries}\n)" if entries else "()"


def with_options(options: Iterable[str]) -> str:
    """``WITH (...)`` from pg_class.reloptions, which are written name=value, or nothing."""
    entries = []
    for option in options:
        name, _, value = option.partition("=")
        entries.append(f"{name}={literal(value)}")
    return f" WITH ({', '.join(entries)})" if entries else ""


def using(access_method: str) -> str:
    """The table's access method, or nothing for the server's own."""
    return f" USING {quote_identifier(access_method)}" if access_method else ""


def columns(names: Iterable[str]) -> str:
    """Column names with commas between."""
    return ", ".join(map(quote_identifier, names))


def called(name: str) -> str:
    """The name of an object as the statement's key, which is indexed: an endless list of arguments is cut."""
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:_LONGEST_NAME]}... {hashlib.sha256(name.encode()).hexdigest()[:16]}"


def part_of(part: str, table: QualifiedName) -> str:
    """How a constraint, column or default is called in a statement's object: its name, and its table's."""
    return f"{part} of {table}"
