"""On a target that spreads rows over segments: batches beside one prepared statement for each change.

One traffic, two slots on it: adbsync's, and that of `RowByRow`. They take turns. It runs where
ADBSYNC_TEST_TARGET names a server of the Greenplum family. BENCH_SCALE, BENCH_ROUNDS and BENCH_WORKLOADS
(e.g. "M1") make it smaller.
"""

from __future__ import annotations

import itertools
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from airflow_adbsync.engine.config import Objects, SyncConfig
from airflow_adbsync.engine.load import load_bin, plan
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replica_identity import prepare
from airflow_adbsync.engine.replication import AtLsn, apply
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from tests.bench.bench_apply import ROUNDS, SCALE, WORKLOADS, Workload, pgbench
from tests.bench.row_by_row import RowByRow
from tests.databases import Database
from tests.integration.replicated import assert_equal, position
from tests.segments import is_distributed
from tests.versions import TARGET_VARIABLE

_TRANSACTIONS = max(1, int(4_000 * SCALE))
_ROWS = max(1, int(20_000 * SCALE))
_TPCB, _WIDE = WORKLOADS[0], WORKLOADS[1]

MPP_WORKLOADS = (
    Workload(
        f"M1, {_TRANSACTIONS} TPC-B transactions",
        _TPCB.setup,
        lambda database: pgbench(database, "-n", "-c", "4", "-t", str(max(1, _TRANSACTIONS // 4))),
    ),
    Workload(
        f"M2, UPDATE of {_ROWS} wide rows in transactions of 1,000",
        (_WIDE.setup[0], "INSERT INTO wide SELECT n FROM generate_series(1, 100000) n"),
        lambda database: database.execute(
            f"DO $$ BEGIN FOR i IN 0..{_ROWS // 1000} LOOP UPDATE wide SET i0 = i0 + 1, t1 = 'new ' || id "
            f"WHERE id BETWEEN i * 1000 + 1 AND least((i + 1) * 1000, {_ROWS}); COMMIT; END LOOP; END $$"
        ),
    ),
)


def measure(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    if not is_distributed(target):
        yield f"not measured: {TARGET_VARIABLE} names no server of the Greenplum family", 0.0
        return
    chosen = os.environ.get("BENCH_WORKLOADS", "").split()
    for workload in MPP_WORKLOADS:
        if not chosen or workload.name.split(",")[0] in chosen:
            yield from _race(workload, source, target)


def _race(workload: Workload, source: Database, target: Database) -> Iterator[tuple[str, float]]:
    other = Database(replace(target.endpoint, database=f"{target.endpoint.database}_rows"))
    server = Database(replace(target.endpoint, database="postgres"))
    sync = _synced(workload, source, target)
    server.execute(f"CREATE DATABASE {other.endpoint.database} TEMPLATE {target.endpoint.database}")
    by_row = RowByRow(source, other, f"adbsync_{sync.sync_id}")
    ways: dict[str, Callable[[Lsn], object]] = {
        "adbsync": lambda end: apply(sync, AtLsn(end)),
        "row by row": by_row.apply,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    try:
        for number in range(ROUNDS):
            workload.traffic(source)
            end = position(source)
            for name in itertools.islice(itertools.cycle(ways), number % 2, number % 2 + 2):
                begun = time.perf_counter()
                ways[name](end)
                times[name].append(time.perf_counter() - begun)
        tables = [line.split()[2] for line in workload.setup if line.startswith("CREATE TABLE")]
        assert_equal(source, target, tables)
        assert_equal(source, other, tables)
    finally:
        by_row.drop_slot()
        _clean_up(source, target, sync)
        server.execute(f"DROP DATABASE {other.endpoint.database}")
    for name, taken in times.items():
        yield f"{workload.name}: {name}", statistics.median(taken)
    ratios = [ours / theirs for ours, theirs in zip(times["adbsync"], times["row by row"], strict=True)]
    yield f"{workload.name}: ratio (no unit)", statistics.median(ratios)


def _synced(workload: Workload, source: Database, target: Database) -> Sync:
    for statement in workload.setup:
        source.execute(statement)
        if statement.startswith("CREATE"):
            target.execute(statement)
    config = SyncConfig(sync_id="bench", source="a", target="b", objects=Objects(schemas=("public",)))
    sync = Sync(config, source.endpoint, target.endpoint)
    prepare(sync)
    start(sync)
    for each in plan(sync).bins:
        load_bin(sync, each)
    target.execute("ANALYZE")
    return sync


def _clean_up(source: Database, target: Database, sync: Sync) -> None:
    source.execute(f"SELECT pg_drop_replication_slot('{sync.slot_name}')")
    source.execute("DROP PUBLICATION adbsync_bench")
    for database in (source, target):
        database.execute(
            "DROP SCHEMA IF EXISTS adbsync CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public"
        )
