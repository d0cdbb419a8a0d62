"""Taking rows out of libpq, which hands over one a call; compiled where that was built."""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from psycopg import pq
from psycopg.pq.abc import PGconn

Gathered = tuple[int, int, Sequence[bytes | memoryview]]
Gather = Callable[[PGconn], Gathered]
_LOG = logging.getLogger(__name__)


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


@cache
def _libpq() -> tuple[int, int] | None:
    """The addresses of PQgetCopyData and PQfreemem in the library that psycopg calls; None if not compiled.

    A shared library's symbols include those of the libraries that it was linked with (POSIX: dlsym).
    """
    if os.environ.get("ADBSYNC_PURE"):
        return None
    try:
        from airflow_adbsync.engine.load import _gather  # noqa: F401, PLC0415 - it need not be there
    except ImportError:
        return None
    try:
        library = ctypes.CDLL(_linked_with_libpq())
        functions = (library.PQgetCopyData, library.PQfreemem)
    except (ImportError, OSError, AttributeError) as error:
        _LOG.warning("libpq is called through Python, which is slower: %s", error)
        return None
    addresses = [ctypes.cast(function, ctypes.c_void_p).value or 0 for function in functions]
    return addresses[0], addresses[1]


def _linked_with_libpq() -> str:
    if pq.__impl__ not in {"binary", "c"}:
        raise ImportError("psycopg runs without its compiled part")
    return str(import_module(f"psycopg_{pq.__impl__}.pq").__file__)
