"""From a portion that differs to the names of the rows that may."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

from airflow_adbsync.engine.verify.both import Both
from airflow_adbsync.engine.verify.compared import Compared
from airflow_adbsync.engine.verify.merging import names_that_differ
from airflow_adbsync.engine.verify.portions import Key, Portion
from airflow_adbsync.engine.verify.side import Row, Side
from airflow_adbsync.engine.verify.statements import Reading
from airflow_adbsync.engine.verify.tide import Tide

# Up to here rows are compared at once, without buckets before them.
_FEW = 20_000
_ROWS_OF_A_BUCKET = 500
_MOST_BUCKETS = 1 << 14
_AT_A_TIME = 1_000


class Narrowing:
    """Works on one portion of a table, of which about so many ``rows`` are known."""

    def __init__(self, both: Both, tide: Tide, table: Compared, portion: Portion, rows: int) -> None:
        self._both = both
        self._tide = tide
        self._table = table
        self._portion = portion
        self._rows = rows
        self._doing = f"verifying {table.name}"

    def suspects(self) -> Iterator[list[Key]]:
        """Yield names of rows that differed between two looks, some at a time.

        The source is read first and the target when it has passed that place, so that few are on their way.
        """
        mask, buckets = self._buckets()
        if buckets is not None and not buckets:
            return

        def rows(reading: Reading) -> str:
            return reading.rows(self._portion, mask, buckets)

        with self._both.source.stream(rows(self._table.source), self._doing) as source:
            first = next(source, None)
            self._tide.has_reached_source()
            with self._both.target.stream(rows(self._table.target), self._doing) as target:
                theirs = source if first is None else _with_first(first, source)
                names = names_that_differ(theirs, target, has_key=bool(self._table.key_names))
                while batch := list(islice(names, _AT_A_TIME)):
                    yield batch

    def _buckets(self) -> tuple[int, set[int] | None]:
        """The buckets that differ, and by which bits of the hash rows are in them."""
        if self._rows <= _FEW:
            return 0, None
        count = min(_MOST_BUCKETS, 1 << (self._rows // _ROWS_OF_A_BUCKET).bit_length())
        mask = count - 1
        ask = partial(self._ask, mask=mask)
        theirs = ask(self._both.source, self._table.source)
        self._tide.has_reached_source()
        ours = ask(self._both.target, self._table.target)
        return mask, {row[0] for row in theirs ^ ours}

    def _ask(self, side: Side, reading: Reading, mask: int) -> set[Row]:
        return set(side.rows(reading.buckets(self._portion, mask), self._doing))


def _with_first(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest
