"""What a throttle of the load asks for, and what two tasks together then do, for BENCH_SECONDS (30) each."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

from airflow_adbsync.engine import state
from airflow_adbsync.engine.load import Bin, load_bin
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.throttle import Limits
from tests.databases import Database
from tests.integration.started_sync import started_sync

SECONDS = float(os.environ.get("BENCH_SECONDS", "30"))
# On the wire: a row's and three values' lengths, a bigint, an int, and a text of 86 bytes.
ROW = 2 + 4 + 8 + 4 + 4 + 4 + 86
ASKED = (
    ("rows", 5_000.0),
    ("rows", 50_000.0),
    ("bytes", 1_000_000.0),
    ("bytes", 5_000_000.0),
)
QUERIES = (2.0, 10.0)


def measure(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    for number, (kind, rate) in enumerate(ASKED):
        rows = int(rate * SECONDS / (ROW if kind == "bytes" else 1) / 2)
        names = [QualifiedName("public", f"t{number}_{half}") for half in "ab"]
        for name in names:
            for database in (source, target):
                database.execute(f"CREATE TABLE {name.name} (id bigint, n int, filling text)")
            source.execute(
                f"INSERT INTO {name.name} SELECT n, n, repeat('x', 86) FROM generate_series(1, {rows}) n"
            )
        sync = started_sync(source.endpoint, target.endpoint)
        taken = _timed(sync, target, Limits(**{kind: rate}), [(name,) for name in names])
        seen = 2 * rows * (ROW if kind == "bytes" else 1) / taken
        yield f"{kind}: {rate:,.0f}/s asked for, {seen:,.0f}/s seen ({seen / rate:.2f})", taken
    for number, rate in enumerate(QUERIES):
        count = int(rate * SECONDS / 2)
        halves = [
            tuple(QualifiedName("public", f"q{number}_{half}_{n}") for n in range(count)) for half in "ab"
        ]
        for half in halves:
            made = ";".join(f"CREATE TABLE {name.name} (id int)" for name in half)
            for database in (source, target):
                database.execute(made)
        sync = started_sync(source.endpoint, target.endpoint)
        taken = _timed(sync, target, Limits(queries=rate), halves)
        seen = 2 * count / taken
        yield f"queries: {rate:,.0f}/s asked for, {seen:,.1f}/s seen ({seen / rate:.2f})", taken


def _timed(sync: Sync, target: Database, limits: Limits, halves: list[tuple[QualifiedName, ...]]) -> float:
    with target.connect() as conn:
        state.throttles.set_limits(conn, sync.sync_id, "load", limits)
    tasks = [
        threading.Thread(target=load_bin, args=(sync, Bin(number, tables, 0)))
        for number, tables in enumerate(halves)
    ]
    begun = time.perf_counter()
    for task in tasks:
        task.start()
    for task in tasks:
        task.join()
    return time.perf_counter() - begun
