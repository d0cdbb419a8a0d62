"""10,000 small tables: planning their load, and loading them in one task.

BENCH_SCALE (1) scales the number of tables.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from airflow_adbsync.engine.load import load_bin, plan
from tests.databases import Database
from tests.integration.started_sync import started_sync

TABLES = int(10_000 * float(os.environ.get("BENCH_SCALE", "1")))
_MAKE = """
    DO $$ BEGIN FOR n IN {first}..{last} LOOP
        EXECUTE format('CREATE TABLE t%s (id int, name text, at timestamptz)', n);
    END LOOP; END $$
"""
_FILL = """
    DO $$ BEGIN FOR n IN {first}..{last} LOOP
        EXECUTE format('INSERT INTO t%s VALUES (1, ''one'', now()), (2, ''two'', now())', n);
    END LOOP; END $$
"""


def measure(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    for first in range(1, TABLES + 1, 500):
        last = min(first + 499, TABLES)
        for database in (source, target):
            database.execute(_MAKE.format(first=first, last=last))
        source.execute(_FILL.format(first=first, last=last))
    for database in (source, target):
        database.execute(
            "ANALYZE pg_catalog.pg_class; ANALYZE pg_catalog.pg_attribute; ANALYZE pg_catalog.pg_depend"
        )
    sync = started_sync(source.endpoint, target.endpoint, max_tasks=1)
    begun = time.perf_counter()
    (only,) = plan(sync).bins
    yield f"planning the load of {TABLES} tables", time.perf_counter() - begun
    begun = time.perf_counter()
    result = load_bin(sync, only)
    taken = time.perf_counter() - begun
    assert result.rows == 2 * TABLES
    yield f"loading them in one task of {sync.config.load.connections_per_task} connections", taken
    yield "of it for each table", taken / TABLES
