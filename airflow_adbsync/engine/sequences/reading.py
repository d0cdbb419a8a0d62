"""Sequences from a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sequences.sequence import OwnerColumn, Sequence, SequenceState

_AT_A_TIME = 200


def read_sequences(conn: Connection) -> tuple[Sequence, ...]:
    """Read every sequence of the database outside the system's schemas, sorted by name."""
    return tuple(_sequence(row) for row in conn.execute(query(__package__, "sequences")).fetchall())


def read_states(conn: Connection, sequences: Iterable[Sequence]) -> dict[QualifiedName, SequenceState]:
    """Read where sequences stand, from their own rows: catalog views don't tell a value set but not given."""
    found: dict[QualifiedName, SequenceState] = {}
    for some in _portions(iter(sequences)):
        rows = conn.execute(_rows_statement(some)).fetchall()
        for place, last_value, is_called in rows:
            sequence = some[place]
            found[sequence.name] = SequenceState(
                last_value,
                is_called,
                sequence.increment,
                sequence.minimum,
                sequence.maximum,
                sequence.cycle,
            )
    return found


def _rows_statement(sequences: list[Sequence]) -> str:
    return " UNION ALL ".join(
        f"SELECT {place}, last_value, is_called FROM {sequence.name.sql}"
        for place, sequence in enumerate(sequences)
    )


def _portions(sequences: Iterator[Sequence]) -> Iterator[list[Sequence]]:
    while some := list(islice(sequences, _AT_A_TIME)):
        yield some


def _sequence(row: tuple[object, ...]) -> Sequence:
    schema, name, increment, minimum, maximum, cycle, owner_schema, owner, column, used_by = row
    return Sequence(
        QualifiedName(str(schema), str(name)),
        increment,  # type: ignore[arg-type]
        minimum,  # type: ignore[arg-type]
        maximum,  # type: ignore[arg-type]
        bool(cycle),
        OwnerColumn(QualifiedName(str(owner_schema), str(owner)), str(column)) if owner else None,
        frozenset(QualifiedName(*user) for user in used_by),  # type: ignore[attr-defined]
    )
