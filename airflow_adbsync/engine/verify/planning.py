"""Into which portions each table is cut."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.config import VerifyMode, VerifyOptions
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.verify.both import Both
from airflow_adbsync.engine.verify.compared import Compared
from airflow_adbsync.engine.verify.portions import Portion, cut

# With less, each range would be read from all over the table: one read of the whole is faster.
_LEAST_CORRELATION = 0.8
_SAMPLED_ROWS_OF_A_PORTION = 2_000
# A sample of a table shall come from at least so many places.
_SAMPLED_PORTIONS = 40
_LEAST_ROWS_OF_A_PORTION = 10_000


@dataclass(frozen=True, slots=True)
class Job:
    """One portion of one table; ``rows`` is about how many it has."""

    table: Compared
    portion: Portion
    rows: int


def plan(
    both: Both, tables: Sequence[Compared], options: VerifyOptions, run: str, *, ranges: bool
) -> list[Job]:
    """Cut large tables by their keys, where their rows lie in the keys' order; the largest come first.

    ``ranges`` tells whether the target reads a range of keys without reading the whole table.
    """
    sampled = options.sample if options.mode is VerifyMode.SAMPLED else 100
    large = [table for table in tables if table.rows > 1.5 * _rows_of_a_portion(table, options)]
    in_order = _in_order(both, [table for table in large if ranges and table.can_be_cut])
    jobs: list[Job] = []
    for table in sorted(tables, key=lambda table: -table.bytes):
        jobs += _jobs(both, table, options, run, sampled, cuttable=table in in_order)
    return jobs


def _jobs(
    both: Both, table: Compared, options: VerifyOptions, run: str, sampled: int, *, cuttable: bool
) -> Iterator[Job]:
    if not cuttable:
        small = table.rows <= _LEAST_ROWS_OF_A_PORTION or not table.key_names
        yield Job(table, Portion(percent=100 if small else sampled), table.rows)
        return
    portions = _cut(both, table, options)
    rows = table.rows // len(portions)
    for portion in _sample(portions, sampled, f"{run} {table.name}"):
        yield Job(table, portion, rows)


def _cut(both: Both, table: Compared, options: VerifyOptions) -> tuple[Portion, ...]:
    portions = max(2, table.rows // _rows_of_a_portion(table, options))
    percent = min(100.0, 100.0 * portions * _SAMPLED_ROWS_OF_A_PORTION / table.rows)
    return cut([tuple(row) for row in both.source.rows(table.source.cuts(percent, portions), "cutting")])


def _rows_of_a_portion(table: Compared, options: VerifyOptions) -> int:
    if options.mode is not VerifyMode.SAMPLED:
        return options.chunk_rows
    finer = max(_LEAST_ROWS_OF_A_PORTION, table.rows // _SAMPLED_PORTIONS)
    return min(options.chunk_rows, finer)


def _sample(portions: Sequence[Portion], percent: int, seed: str) -> list[Portion]:
    """As many of them, taken at random; the same ones for the same seed."""
    count = -(-len(portions) * percent // 100)

    def lot(portion: Portion) -> bytes:
        return hashlib.sha256(f"{seed} {portion.number}".encode()).digest()

    chosen = sorted(portions, key=lot)[:count]
    return sorted(chosen, key=lambda portion: portion.number)


def _in_order(both: Both, tables: Sequence[Compared]) -> set[Compared]:
    source = both.source
    wanted = {
        "schemas": [table.name.schema for table in tables],
        "tables": [table.name.name for table in tables],
        "columns": [table.key_names[0] for table in tables],
    }
    with source.session() as conn, typed_errors(source.endpoint, "reading statistics"):
        rows = conn.execute(query(__package__, "correlation"), wanted).fetchall()
    good = {(schema, name) for schema, name, _, value in rows if abs(value) >= _LEAST_CORRELATION}
    return {table for table in tables if (table.name.schema, table.name.name) in good}
