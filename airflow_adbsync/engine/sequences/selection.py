"""Which sequences belong to a sync, and which one of the target is a source's counterpart; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from collections.abc import Sequence as Items

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sequences.sequence import OwnerColumn, Sequence
from airflow_adbsync.engine.shape import Shapes


def select(
    sequences: Iterable[Sequence], tables: Collection[QualifiedName], schemas: Collection[str]
) -> tuple[Sequence, ...]:
    """Choose what the tables own or use in defaults, and what lies free in the schemas.

    A sequence that belongs to a table which is not carried stays behind with it.
    """
    return tuple(sequence for sequence in sequences if _belongs(sequence, tables, schemas))


def pair(
    source: Items[Sequence], target: Iterable[Sequence], shapes: Shapes
) -> tuple[list[tuple[Sequence, Sequence]], list[Sequence]]:
    """Match by the owning column, whose sequence may have another name on the target, else by name.

    Returns the pairs, and the source's sequences that have no counterpart. One whose column is left out may
    have gone with it.
    """
    known = list(target)
    by_owner = {sequence.owner: sequence for sequence in known if sequence.owner}
    by_name = {sequence.name: sequence for sequence in known}
    pairs: list[tuple[Sequence, Sequence]] = []
    missing: list[Sequence] = []
    for sequence in source:
        owner = sequence.owner
        found = by_owner.get(_there(owner, shapes)) if owner else None
        found = found or by_name.get(shapes.object(sequence.name))
        if found:
            pairs.append((sequence, found))
        elif owner is None or shapes.carries(owner.table, owner.column):
            missing.append(sequence)
    return pairs, missing


def _there(owner: OwnerColumn, shapes: Shapes) -> OwnerColumn:
    return OwnerColumn(shapes.table(owner.table), shapes.column(owner.table, owner.column))


def _belongs(sequence: Sequence, tables: Collection[QualifiedName], schemas: Collection[str]) -> bool:
    if sequence.owner and sequence.owner.table in tables:
        return True
    if any(table in tables for table in sequence.used_by):
        return True
    return sequence.owner is None and sequence.name.schema in schemas
