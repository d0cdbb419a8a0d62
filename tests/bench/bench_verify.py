"""The full verification of 5M rows beside each server's own `SELECT sum(hashtext(t::text)) FROM t`.

Both servers are on one machine here, and the verification has both at work at the same time: so the scans are
measured alone, and both at the same time. The ways take turns; medians are shown, and ratios of these.
"""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from airflow_adbsync.engine.verify import raise_on_mismatch, verify
from tests.databases import Database
from tests.integration.started_sync import started_sync

ROUNDS = 5
ROWS = int(os.environ.get("ADBSYNC_BENCH_ROWS", "5000000"))
SCAN = "SELECT sum(hashtext(t::text)) FROM t"
TABLE = (
    "CREATE TABLE t (id bigint PRIMARY KEY, account int, amount numeric(12, 2), at timestamptz, note text)"
)
FILL = f"""
    INSERT INTO t SELECT n, n % 100000, n * 0.07, timestamptz '2026-01-01' + n * interval '1 s', md5(n::text)
    FROM generate_series(1, {ROWS}) n
"""


def measure(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    both = (source, target)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_fill, both))
        sync = started_sync(source.endpoint, target.endpoint)
        ways: dict[str, Callable[[], object]] = {
            "scan of the source alone": lambda: source.value(SCAN),
            "scan of the target alone": lambda: target.value(SCAN),
            "both scans at the same time": lambda: list(pool.map(lambda side: side.value(SCAN), both)),
            "verification, full": lambda: raise_on_mismatch(verify(sync)),
        }
        taken: dict[str, list[float]] = defaultdict(list)
        for _ in range(ROUNDS):
            for way, run in ways.items():
                begun = time.perf_counter()
                run()
                taken[way].append(time.perf_counter() - begun)
    medians = {way: statistics.median(times) for way, times in taken.items()}
    yield from medians.items()
    alone = max(medians["scan of the source alone"], medians["scan of the target alone"])
    verified = medians["verification, full"]
    yield "(a ratio) verification to the slower server's scan, alone", verified / alone
    yield (
        "(a ratio) verification to the slower server's scan, both at the same time",
        verified / medians["both scans at the same time"],
    )


def _fill(database: Database) -> None:
    database.execute(TABLE)
    database.execute(FILL)
    database.execute("VACUUM (ANALYZE, FREEZE) t")
