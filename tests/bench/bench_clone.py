"""A whole clone, keys and indexes included, beside pg_dump -Fd -j2 + pg_restore -j2, and pgcopydb 2 x 2.

The ways take turns, each into a database of its own; the ratios are of the medians. BENCH_SCALE (1) scales
the data, BENCH_ROUNDS (5) is the number of turns.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.load import load_bin, plan
from airflow_adbsync.local.binaries import installed
from tests.bench import clone_data
from tests.databases import Database, NamedServer, fresh_database, libpq_environment
from tests.integration.started_sync import started_sync

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
JOBS = 2
_TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200 ORDER BY 1"
_INDEXES = "SELECT count(*) FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE relnamespace = 2200"


def measure(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as directory:
        clone_data.make(source, SCALE, Path(directory))
    ways: dict[str, Callable[[Database, Database], None]] = {
        "adbsync": _adbsync,
        f"pg_dump -Fd -j{JOBS} -Z0 + pg_restore -j{JOBS}": _dump_and_restore,
    }
    if shutil.which("pgcopydb"):
        ways[f"pgcopydb clone, {JOBS} table and {JOBS} index jobs"] = _pgcopydb
    taken: dict[str, list[float]] = defaultdict(list)
    for number in range(1, ROUNDS + 1):
        for way, run in ways.items():
            with fresh_database(NamedServer(target.endpoint), "bench_clone") as there:
                for database in (source, there):
                    database.execute("CHECKPOINT")
                begun = time.perf_counter()
                run(source, there)
                taken[way].append(time.perf_counter() - begun)
                assert _contents(there) == _contents(source)
            yield f"round {number}: {way}", taken[way][-1]
    for way, times in taken.items():
        ratios = [ours / theirs for ours, theirs in zip(taken["adbsync"], times, strict=True)]
        yield f"{way}; adbsync takes {statistics.median(ratios):.2f} times that", statistics.median(times)


def _contents(database: Database) -> list[object]:
    tables = [name for (name,) in database.fetch(_TABLES)]
    rows = [(name, database.value(f"SELECT count(*) FROM {name}")) for name in tables]
    return [*rows, database.value(_INDEXES)]


def _adbsync(source: Database, target: Database) -> None:
    sync = started_sync(source.endpoint, target.endpoint, connections_per_task=JOBS, max_tasks=1)
    begun = time.perf_counter()
    schema.create(sync)
    made = time.perf_counter()
    for bin_ in plan(sync).bins:
        load_bin(sync, bin_)
    loaded = time.perf_counter()
    schema.finish(sync)
    finished = time.perf_counter()
    print(
        f"    schema {made - begun:.1f} s, load {loaded - made:.1f} s, "
        f"keys and indexes {finished - loaded:.1f} s",
        flush=True,
    )


def _dump_and_restore(source: Database, target: Database) -> None:
    with tempfile.TemporaryDirectory() as directory:
        dump = Path(directory) / "dump"
        _run("pg_dump", source, "-Fd", f"-j{JOBS}", "-Z0", f"--file={dump}")
        _run("pg_restore", target, f"-j{JOBS}", f"--dbname={target.endpoint.database}", str(dump))


def _pgcopydb(source: Database, target: Database) -> None:
    with tempfile.TemporaryDirectory() as directory:
        environment = {
            **os.environ,
            "PATH": f"{installed(18).path('pg_dump').parent}:{os.environ['PATH']}",
            "PGCOPYDB_SOURCE_PGURI": _uri(source),
            "PGCOPYDB_TARGET_PGURI": _uri(target),
        }
        words = ["pgcopydb", "clone", "--dir", f"{directory}/work"]
        words += ["--table-jobs", str(JOBS), "--index-jobs", str(JOBS)]
        subprocess.run(words, env=environment, check=True, capture_output=True)


def _uri(database: Database) -> str:
    at = database.endpoint
    return f"postgres://{at.user}:{at.password}@{at.host}:{at.port}/{at.database}"


def _run(program: str, database: Database, *words: str) -> None:
    subprocess.run(
        [str(installed(18).path(program)), *words],
        env={**os.environ, **libpq_environment(database.endpoint)},
        check=True,
    )
