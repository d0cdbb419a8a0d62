"""libpq's functions by their addresses, for compiled code: those of the very library that psycopg uses."""

from __future__ import annotations

import ctypes
import logging
from functools import cache
from importlib import import_module

from psycopg import pq

_LOG = logging.getLogger(__name__)


@cache
def row_functions() -> tuple[int, int] | None:
    """The addresses of PQgetCopyData and PQfreemem; None where psycopg runs without its compiled part.

    A shared library's symbols include those of the libraries that it was linked with (POSIX: dlsym).
    """
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
