"""Taking rows out of libpq, which hands over one a call; compiled where that was built."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from psycopg.pq.abc import PGconn

from airflow_adbsync.engine.libpq import row_functions

Gathered = tuple[int, int, Sequence[bytes | memoryview]]
Gather = Callable[[PGconn], Gathered]


def gatherer(most: int) -> Gather:
    """Return a function that takes what libpq holds of a COPY, up to about ``most`` bytes at a time.

    It returns the number of rows, what libpq said last (a row: 1, none is whole yet: 0, no more: -1, an
    error: -2), and the rows in parts. It never waits.
    """
    functions = _libpq()
    if functions is None:
        return lambda pgconn: pure_gather(pgconn, most)
    from airflow_adbsync.engine.load._gather import Gatherer  # noqa: PLC0415 - it need not be there

    gather = Gatherer(*functions, most).gather

    def compiled(pgconn: Any) -> Gathered:
        address = pgconn.pgconn_ptr
        return gather(address) if address else (0, -2, ())

    return compiled


def pure_gather(pgconn: PGconn, most: int) -> Gathered:
    """The same in Python."""
    take, parts, size, rows = pgconn.get_copy_data, [], 0, 0
    length = 1
    while size <= most:
        length, row = take(1)
        if length <= 0:
            break
        parts.append(row)
        size += length
        rows += 1
    return rows, min(length, 1), parts


def _libpq() -> tuple[int, int] | None:
    """Where the compiled module finds libpq's functions; None if there is none, or it finds none."""
    if os.environ.get("ADBSYNC_PURE"):
        return None
    try:
        from airflow_adbsync.engine.load import _gather  # noqa: F401, PLC0415 - it need not be there
    except ImportError:
        return None
    return row_functions()
