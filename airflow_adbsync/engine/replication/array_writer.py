"""Writing many small tables' changes at once: all statements are sent before the first answer is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import psycopg
from psycopg.adapt import Buffer, Dumper

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.replication.by_arrays import AS_BEFORE, BY_INDEX, ByArrays
from airflow_adbsync.engine.replication.encoding import Census
from airflow_adbsync.engine.replication.folding import NetChanges

_REFUSALS = (
    psycopg.IntegrityError,
    psycopg.DataError,
    psycopg.NotSupportedError,
    psycopg.ProgrammingError,
    psycopg.InternalError,
)


class _Text(bytes):
    """A parameter in the text form of the type that the statement casts it to."""


class _Binary(bytes):
    """A parameter in the binary form of that type."""


class _AsItIs(Dumper):
    def dump(self, obj: Buffer) -> Buffer:
        return obj


class _BinaryAsItIs(_AsItIs):
    format = psycopg.pq.Format.BINARY


class ArrayStep(NamedTuple):
    """A statement, its arrays in their form, and how many rows it must touch."""

    statement: str
    arrays: Sequence[bytes]
    wanted: int
    binary: bool = False


def can_pipeline(conn: Connection) -> bool:
    """Tell whether this libpq can send ahead of answers (14 or later)."""
    return psycopg.Pipeline.is_supported() and conn.cursor_factory is psycopg.Cursor


def array_steps(by_arrays: ByArrays, net: NetChanges, census: Census) -> Iterator[ArrayStep]:
    """Removals first, so that what comes finds room. All updates must have all values."""
    found = (
        ("D", by_arrays.delete, census.deletes),
        ("U", by_arrays.update, sum(census.updates.values())),
        ("I", by_arrays.insert, census.inserts),
    )
    for op, statement, wanted in found:
        if wanted:
            yield ArrayStep(statement(), net.arrays(op, by_arrays.elements(op)), wanted, net.binary)


def write_arrays(conn: Connection, steps: Sequence[ArrayStep]) -> bool:
    """Run the steps; return false where one was refused, or touched fewer or more rows than it must.

    The caller then rolls back: the transaction is left as it is.

    Raises:
        psycopg.Error: what is no refusal of a row: the connection broke, a deadlock, no room.
    """
    conn.adapters.register_dumper(_Text, _AsItIs)
    conn.adapters.register_dumper(_Binary, _BinaryAsItIs)
    failed: psycopg.Error | None = None
    done: list[psycopg.Cursor[tuple[Any, ...]]] = []
    with conn.pipeline() as pipeline:
        try:
            for setting in BY_INDEX:
                conn.execute(setting, prepare=False)
            done += [
                conn.execute(
                    step.statement, [*map(_Binary if step.binary else _Text, step.arrays)], prepare=True
                )
                for step in steps
            ]
            for setting in AS_BEFORE:
                conn.execute(setting, prepare=False)
            pipeline.sync()
        except psycopg.Error as error:
            failed = error
            # What was sent behind the failed statement is passed over by the server.
            with suppress(psycopg.Error):
                pipeline.sync()
    if failed is not None and not isinstance(failed, _REFUSALS):
        raise failed
    return not failed and all(
        cursor.rowcount == step.wanted for cursor, step in zip(done, steps, strict=True)
    )
