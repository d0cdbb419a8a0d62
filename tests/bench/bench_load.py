"""The full load of one table beside pg_dump | pg_restore and psql | psql, without keys and indexes.

The ways take turns, so that a busy moment of the machine doesn't fall on one of them; medians are shown.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator

from airflow_adbsync.engine.load import Bin, load_bin
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify import raise_on_mismatch, verify
from airflow_adbsync.local.binaries import installed
from tests.databases import Database, libpq_environment
from tests.integration.started_sync import started_sync

ROUNDS = 5
NARROW = (
    "CREATE TABLE narrow (id bigint, account int, amount int, note text)",
    "INSERT INTO narrow SELECT n, n % 100000, n * 7 % 5000, md5(n::text) FROM generate_series(1, 1000000) n",
)
_TEN = range(10)
WIDE = (
    "CREATE TABLE wide (id bigint, "
    + ", ".join(f"t{n} text, m{n} numeric(12, 2), d{n} timestamptz" for n in _TEN)
    + ")",
    "INSERT INTO wide SELECT n, "
    + ", ".join(
        f"'value {n} of ' || n, n * 0.{n}1, timestamptz '2024-01-01' + n * interval '{n} s'" for n in _TEN
    )
    + " FROM generate_series(1, 150000) n",
)


def measure(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    for make, fill in (NARROW, WIDE):
        source.execute(make)
        target.execute(make)
        source.execute(fill)
    source.execute("ANALYZE")
    sync = started_sync(source.endpoint, target.endpoint)
    for table in ("narrow", "wide"):
        yield from _race(table, sync, source, target)
    begun = time.perf_counter()
    raise_on_mismatch(verify(sync))
    yield "verify, both tables", time.perf_counter() - begun


def _race(table: str, sync: Sync, source: Database, target: Database) -> Iterator[tuple[str, float]]:
    ways: dict[str, Callable[[], None]] = {
        "adbsync": lambda: _adbsync(sync, table),
        "pg_dump | pg_restore": lambda: _dump_and_restore(table, source, target),
        "psql | psql, text, FREEZE": lambda: _psql(table, source, target),
    }
    taken: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _ in range(ROUNDS):
        for way, run in ways.items():
            target.execute(f"TRUNCATE {table}")
            target.execute("CHECKPOINT")
            taken[way].append(_timed(run))
    for way, times in taken.items():
        yield f"{table}: {way}", statistics.median(wall for wall, _ in times)
        yield f"{table}: {way}, CPU on the client's side", statistics.median(cpu for _, cpu in times)


def _timed(run: Callable[[], None]) -> tuple[float, float]:
    begun, cpu_begun = time.perf_counter(), _cpu()
    run()
    return time.perf_counter() - begun, _cpu() - cpu_begun


def _cpu() -> float:
    """Of this process and of the children that it has waited for."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def _adbsync(sync: Sync, table: str) -> None:
    load_bin(sync, Bin(0, (QualifiedName("public", table),), 0), reload=True)


def _dump_and_restore(table: str, source: Database, target: Database) -> None:
    programs = installed(18)
    dump = [programs.path("pg_dump"), "-Fc", "-Z0", "--data-only", f"--table=public.{table}"]
    restore = [programs.path("pg_restore"), "--data-only", f"--dbname={target.endpoint.database}"]
    _pipe(dump, source, restore, target)


def _psql(table: str, source: Database, target: Database) -> None:
    psql = [installed(18).path("psql"), "-X", "-q"]
    copy_in = f"BEGIN; TRUNCATE {table}; COPY {table} FROM STDIN WITH (FREEZE); COMMIT"
    _pipe([*psql, "-c", f"COPY {table} TO STDOUT"], source, [*psql, "-c", copy_in], target)


def _pipe(first: list[object], source: Database, second: list[object], target: Database) -> None:
    with subprocess.Popen(
        [str(word) for word in first],
        stdout=subprocess.PIPE,
        env={**os.environ, **libpq_environment(source.endpoint)},
    ) as sending:
        subprocess.run(
            [str(word) for word in second],
            stdin=sending.stdout,
            env={**os.environ, **libpq_environment(target.endpoint)},
            check=True,
        )
    assert sending.returncode == 0
