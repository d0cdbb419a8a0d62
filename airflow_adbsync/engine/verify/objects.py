"""Comparing what is not rows: columns, indexes, constraints, sequences; pure but for the nouns it returns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from airflow_adbsync.engine.model import QualifiedName, Relation
from airflow_adbsync.engine.shape import Shapes, TableShape
from airflow_adbsync.engine.state.verification_objects import ObjectDifference

MISSING = "is not on the target"
_KINDS = {"c": "check", "f": "foreign key", "p": "primary key", "u": "unique", "x": "exclusion"}


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a table."""

    table: QualifiedName
    name: str
    valid: bool
    unique: bool
    columns: int


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of a table; ``kind`` as in pg_constraint.contype."""

    table: QualifiedName
    name: str
    kind: str
    validated: bool


@dataclass(frozen=True, slots=True)
class SequenceFacts:
    """A sequence, the column (table and name) that owns it, and the value that it gives next."""

    name: QualifiedName
    owner: tuple[QualifiedName, str] | None
    definition: str
    ascending: bool
    next: int


def compare_columns(
    source: Relation, target: Relation, shape: TableShape, shapes: Shapes
) -> Iterator[ObjectDifference]:
    """Types and NOT NULL of the columns that arrive as they are."""
    theirs = {column.name: column for column in source.columns}
    ours = {column.name: column for column in target.columns}
    for column in shape.columns:
        name = f"{target.name}.{column.name}"
        here = ours.get(column.name)
        if here is None:
            yield ObjectDifference("column", name, MISSING)
            continue
        there = theirs.get(column.source or "")
        if there is None or column.type or column.value:
            continue
        if not _same_type(there.type, here.type, shapes):
            yield ObjectDifference("column", name, "has another type", there.type, here.type)
        if there.not_null and not here.not_null:
            yield ObjectDifference("column", name, "allows NULL", "NOT NULL", "NULL")


def compare_indexes(
    source: Iterable[Index], target: Iterable[Index], shapes: Shapes
) -> Iterator[ObjectDifference]:
    """Indexes by their names; those that only the target has are its own business."""
    ours = {(index.table, index.name): index for index in target}
    for index in source:
        table = shapes.table(index.table)
        here = ours.get((table, shapes.cased(index.name)))
        name = f"{table}: {shapes.cased(index.name)}"
        if here is None:
            yield ObjectDifference("index", name, MISSING)
        elif index.valid and not here.valid:
            yield ObjectDifference("index", name, "is not valid", "valid", "not valid")
        elif index.unique and not here.unique:
            yield ObjectDifference("index", name, "is not unique", "unique", "not unique")
        elif index.columns != here.columns:
            yield ObjectDifference("index", name, "has other columns", str(index.columns), str(here.columns))


def compare_constraints(
    source: Iterable[Constraint], target: Iterable[Constraint], shapes: Shapes
) -> Iterator[ObjectDifference]:
    """Constraints by their names."""
    ours = {(constraint.table, constraint.name): constraint for constraint in target}
    for constraint in source:
        table = shapes.table(constraint.table)
        here = ours.get((table, shapes.cased(constraint.name)))
        name = f"{table}: {shapes.cased(constraint.name)}"
        kind = _KINDS[constraint.kind]
        if here is None:
            yield ObjectDifference("constraint", name, MISSING, kind)
        elif here.kind != constraint.kind:
            yield ObjectDifference("constraint", name, "is of another kind", kind, _KINDS[here.kind])
        elif constraint.validated and not here.validated:
            yield ObjectDifference("constraint", name, "is not validated", "validated", "not validated")


def compare_sequences(
    source: Iterable[SequenceFacts],
    target: Iterable[SequenceFacts],
    tables: Mapping[QualifiedName, TableShape],
    shapes: Shapes,
) -> Iterator[ObjectDifference]:
    """Sequences by the columns that own them, else by their names."""
    ours = {sequence.name: sequence for sequence in target}
    owned = {sequence.owner: sequence for sequence in ours.values() if sequence.owner}
    for sequence in source:
        here = ours.get(shapes.object(sequence.name))
        if sequence.owner:
            shape = tables.get(sequence.owner[0])
            column = shape.target_column(sequence.owner[1]) if shape else None
            if shape is None or column is None:
                continue
            here = owned.get((shape.target, column), here)
        name = str(here.name if here else shapes.object(sequence.name))
        if here is None:
            yield ObjectDifference("sequence", name, MISSING)
            continue
        if here.definition != sequence.definition:
            yield ObjectDifference(
                "sequence", name, "is defined otherwise", sequence.definition, here.definition
            )
        behind = here.next < sequence.next if sequence.ascending else here.next > sequence.next
        if behind:
            yield ObjectDifference("sequence", name, "is behind", str(sequence.next), str(here.next))


def _same_type(source: str, target: str, shapes: Shapes) -> bool:
    """Tell whether the types are the same; where names change, whether they are but for their schemas."""
    return source == target or (not shapes.renames_nothing and _bare(source) == _bare(target))


def _bare(type_: str) -> str:
    return re.sub(r'^("[^"]*"|[^".(]*)\.', "", type_).replace('"', "").lower()
