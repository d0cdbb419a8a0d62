"""Cutting a large table into chunks: conditions on the source's rows, each row meeting exactly one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from airflow_adbsync.engine.model import Snapshot, quote_identifier

_XIDS = 1 << 32
# Smaller parts of a table are not worth a transaction each, nor is sharing a table of hardly more.
_SMALLEST_SHARE = 64 << 20


def share_bytes(table_bytes: int, all_bytes: int, hands: int, chunk_bytes: int) -> int:
    """How large the chunks of a table are to be, of a task that loads ``all_bytes`` with so many hands.

    A table that one hand would copy for more than half of the time is shared by all of them, so that its
    indexes can be built while others are still copied, and no hand is idle in the end. Others stay whole, up
    to ``chunk_bytes``, for only what is filled in one go comes frozen.
    """
    if hands < 2 or table_bytes * hands * 2 <= all_bytes or table_bytes < 2 * _SMALLEST_SHARE:
        return chunk_bytes
    return min(chunk_bytes, max(_SMALLEST_SHARE, table_bytes // (hands * 2)))


def number_of_chunks(table_bytes: int, chunk_bytes: int) -> int:
    """How many chunks a table of this size makes; a table that is hardly larger than one stays whole."""
    return max(1, round(table_bytes / chunk_bytes)) if table_bytes > chunk_bytes else 1


def by_pages(pages: int, wanted: int) -> tuple[str, ...]:
    """Ranges of pages; the last has no end, for the table grows (PostgreSQL doc: System Columns, ctid)."""
    count = max(1, min(wanted, pages))
    bounds = sorted({pages * number // count for number in range(1, count)})
    return _ranges("ctid", [f"'({page},0)'::pg_catalog.tid" for page in bounds])


def by_key(column: str, type_: str, quantiles: Sequence[str], wanted: int) -> tuple[str, ...]:
    """Ranges of a column that is never NULL; ``quantiles`` are values of it in its own order, as text."""
    count = max(1, min(wanted, len(quantiles) + 1))
    picked = [quantiles[len(quantiles) * number // count] for number in range(1, count)]
    bounds = list(dict.fromkeys(picked))
    return _ranges(quote_identifier(column), [f"{_literal(bound)}::{type_}" for bound in bounds])


def changed_since(snapshot: Snapshot) -> str:
    """A condition that every row version meets which the snapshot doesn't see, and few others.

    A version written by a transaction that the snapshot doesn't see has an xmin, be it a subtransaction's,
    that is not below the snapshot's. Ids are compared on their circle of 2^32 (PostgreSQL doc: Transaction ID
    and Snapshot Information Functions; Preventing Transaction ID Wraparound Failures).
    """
    distance = f"(xmin::text::bigint - {snapshot.xmin % _XIDS} + {2 * _XIDS}) % {_XIDS}"
    return f"(xmin::text::bigint > 2 AND {distance} < {_XIDS // 2})"


def _ranges(what: str, bounds: Sequence[str]) -> tuple[str, ...]:
    if not bounds:
        return ()
    between = [f"{what} >= {low} AND {what} < {high}" for low, high in pairwise(bounds)]
    return (f"{what} < {bounds[0]}", *between, f"{what} >= {bounds[-1]}")


def _literal(text: str) -> str:
    return "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
