"""The schema of 5,000 tables with keys, indexes and foreign keys: read, ordered, written, and applied.

Applying is measured beside `pg_restore --schema-only` of the same, in turns, each into a database of its own.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.catalog import empty_search_path, read_relations
from airflow_adbsync.engine.config import Objects, SyncConfig
from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.schema.belonging import belonging
from airflow_adbsync.engine.schema.planning import plan
from airflow_adbsync.engine.schema.reading import read_definitions, read_inventory
from airflow_adbsync.engine.schema.surveying import survey
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local.binaries import installed
from tests.databases import Database, NamedServer, fresh_database, libpq_environment

TABLES = 5_000
ROUNDS = 2
OBJECTS = Objects(schemas=("many",))
_MAKE = """
DO $$
BEGIN
    FOR n IN {first}..{last} LOOP
        EXECUTE format(
            'CREATE TABLE many.t%s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint, '
            'name text NOT NULL DEFAULT ''x'', at timestamptz DEFAULT now(), '
            'amount numeric(12, 2) CHECK (amount > 0))', n);
        EXECUTE format('CREATE INDEX ON many.t%s (at)', n);
        EXECUTE format('CREATE INDEX ON many.t%s (lower(name)) WHERE amount > 1', n);
        EXECUTE format(
            'ALTER TABLE many.t%s ADD FOREIGN KEY (parent) REFERENCES many.t%s', n, greatest(n - 1, 1));
    END LOOP;
END $$
"""


def measure(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    source.execute("CREATE SCHEMA many")
    for first in range(1, TABLES + 1, 500):
        source.execute(_MAKE.format(first=first, last=first + 499))
    source.execute(
        "ANALYZE pg_catalog.pg_depend; ANALYZE pg_catalog.pg_class; ANALYZE pg_catalog.pg_attribute"
    )
    for turn in ("first", "second"):
        for sentence, seconds in _thinking(source, target):
            yield f"{sentence}, {turn} time", seconds
    yield from _race(source, target)


def _thinking(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    begun = time.perf_counter()
    with connect(target.endpoint) as there, connect(source.endpoint) as conn:
        on_target = survey(there)
        tables = {relation.name for relation in read_relations(conn, OBJECTS)}
        with empty_search_path(conn):
            inventory = read_inventory(conn)
            chosen = belonging(inventory, tables, OBJECTS.schemas, on_target)
            definitions = read_definitions(conn, inventory, chosen.members)
    read = time.perf_counter()
    made = plan(definitions, inventory.dependencies, on_target)
    written = time.perf_counter()
    assert len(made.before) + len(made.after) + len(made.validations) > 5 * TABLES
    yield f"read the catalog of {TABLES} tables", read - begun
    yield "order and write their statements", written - read


def _race(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as directory:
        archive = Path(directory) / "schema"
        _run("pg_dump", source, "-Fc", "--schema-only", f"--file={archive}")
        ways: dict[str, Callable[[Database], None]] = {
            "schema.create and schema.finish": lambda there: _adbsync(source, there),
            "pg_restore --schema-only": lambda there: _run(
                "pg_restore", there, "--schema-only", f"--dbname={there.endpoint.database}", str(archive)
            ),
        }
        taken: dict[str, list[float]] = defaultdict(list)
        for _ in range(ROUNDS):
            for way, run in ways.items():
                with fresh_database(NamedServer(target.endpoint), "bench_schema") as there:
                    begun = time.perf_counter()
                    run(there)
                    taken[way].append(time.perf_counter() - begun)
    for way, times in taken.items():
        yield way, statistics.median(times)


def _adbsync(source: Database, target: Database) -> None:
    config = SyncConfig(sync_id="bench", source="a", target="b", objects=OBJECTS)
    sync = Sync(config, source.endpoint, target.endpoint)
    schema.create(sync)
    schema.finish(sync)


def _run(program: str, database: Database, *words: str) -> None:
    subprocess.run(
        [str(installed(18).path(program)), *words],
        # As the schema phase does it: what counts is the work, not the waiting for the disk.
        env={
            **os.environ,
            **libpq_environment(database.endpoint),
            "PGOPTIONS": "-c synchronous_commit=off",
        },
        check=True,
    )
