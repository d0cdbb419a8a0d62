"""Whether a table's rows fit the target's table, and how each of its columns is read; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from airflow_adbsync.engine.model import Column, QualifiedName, Relation, quote_identifier
from airflow_adbsync.engine.shape import ColumnShape, TableShape

Rename = Callable[[QualifiedName], QualifiedName]
_PART = r'((?:"(?:[^"]|"")+")|[^".()\[\]]+)'
_OF_A_SCHEMA = re.compile(rf"{_PART}\.{_PART}(.*)")


@dataclass(frozen=True, slots=True)
class Carried:
    """A column that is written: its name on the target, and what is read for it on the source.

    ``doubt`` says why its binary form may not mean the same on both servers; nothing where it does.
    """

    name: str
    expression: str
    doubt: str = ""


def differences(source: Relation, target: Relation, shape: TableShape, rename: Rename) -> tuple[str, ...]:
    """Say, column by column, why the source's rows can't be copied, or replicated later, into the target.

    A column that only the target has is one: nobody could tell it from a column that the source has dropped.
    """
    theirs = {column.name: column for column in source.columns}
    known = {column.name: column for column in target.columns}
    found = [
        _difference(column, theirs.get(column.source or ""), known.pop(column.name, None), rename)
        for column in shape.columns
    ]
    return (*(text for text in found if text), *(f"column {name} is only there" for name in known))


def carried(source: Relation, target: Relation, shape: TableShape, rename: Rename) -> tuple[Carried, ...]:
    """Return what is read for each column of the target that is written."""
    theirs = {column.name: column for column in source.columns}
    known = {column.name: column for column in target.columns}
    return tuple(_carried(shape, theirs, known, rename))


def _carried(
    shape: TableShape, theirs: dict[str, Column], known: dict[str, Column], rename: Rename
) -> Iterator[Carried]:
    for column in shape.written:
        here = known[column.name]
        if column.source is not None and column.is_plain:
            there = theirs[column.source]
            same = there.binary and here.binary and _renamed(there.type, rename) == _parsed(here.type)
            doubt = "" if same else f"column {there.name} is {there.type}"
            yield Carried(column.name, quote_identifier(column.source), doubt)
            continue
        value = column.value if column.value is not None else quote_identifier(column.source or "")
        # A line break ends a comment in which the expression may end.
        value = f"(\n{value}\n)" if column.value is not None else value
        if _OF_A_SCHEMA.fullmatch(here.type):
            yield Carried(column.name, value, f"column {column.name} becomes {here.type}")
        else:
            doubt = "" if here.binary else f"column {column.name} becomes {here.type}"
            yield Carried(column.name, f"{value}::{here.type}", doubt)


def _difference(shape: ColumnShape, source: Column | None, target: Column | None, rename: Rename) -> str:
    if target is None:
        return f"column {shape.name} is missing"
    if source is not None and shape.generated != target.generated:
        where = "source" if shape.generated else "target"
        return f"column {shape.name} is generated on the {where} only"
    if source is None or shape.type is not None:
        return ""
    if _renamed(source.type, rename) != _parsed(target.type):
        return f"column {shape.name} is {target.type} instead of {source.type}"
    return ""


def _renamed(type_: str, rename: Rename) -> tuple[QualifiedName | str, str]:
    name, rest = _parsed(type_)
    return (rename(name) if isinstance(name, QualifiedName) else name), rest


def _parsed(type_: str) -> tuple[QualifiedName | str, str]:
    """A type as `format_type` writes it: its name, if it has a schema, and brackets and modifiers."""
    match = _OF_A_SCHEMA.fullmatch(type_)
    if match is None:
        return type_, ""
    return QualifiedName(_unquoted(match[1]), _unquoted(match[2])), match[3]


def _unquoted(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part
