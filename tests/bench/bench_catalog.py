"""Reading the catalog of a database with 5,000 tables."""

from __future__ import annotations

import time
from collections.abc import Iterator

from airflow_adbsync.engine.catalog import read_relations
from airflow_adbsync.engine.config import Objects
from tests.databases import Database

_TABLES = 5_000
_MAKE = """
DO $$
BEGIN
    FOR n IN {first}..{last} LOOP
        EXECUTE format('CREATE TABLE many.t%s (LIKE pattern INCLUDING ALL)', n);
    END LOOP;
END $$
"""


def measure(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    source.execute("CREATE SCHEMA many")
    source.execute(
        "CREATE TABLE pattern (id bigint PRIMARY KEY, name text NOT NULL, at timestamptz, amount numeric)"
    )
    for first in range(1, _TABLES + 1, 500):
        source.execute(_MAKE.format(first=first, last=first + 499))
    for turn in ("first", "second"):
        with source.connect() as connection:
            begun = time.perf_counter()
            relations = read_relations(connection, Objects(schemas=("many",)))
            assert len(relations) == _TABLES
            yield f"read_relations, {_TABLES} tables of 4 columns, {turn} time", time.perf_counter() - begun
