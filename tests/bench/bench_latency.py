"""The time from a commit on the source to its row on the target, under 1,000 TPC-B transactions a second.

A row is committed on the source 20 times a second while pgbench runs; the target is asked every 10 ms which
of them it shows. BENCH_SECONDS says for how long. And the memory for one transaction of 10,000,000 rows
(times BENCH_SCALE).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local.binaries import installed
from tests.bench.bench_apply import SCALE, WORKLOADS
from tests.databases import Database, libpq_environment
from tests.integration.applier_child import ApplierChild
from tests.integration.replicated import begin, load, position, progress_of, sync_of

SECONDS = int(os.environ.get("BENCH_SECONDS", "30"))
RATE = 1000


def measure(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    tpcb = WORKLOADS[0].setup
    for statement in (
        *tpcb,
        "CREATE TABLE probe (id int PRIMARY KEY)",
        "CREATE TABLE bulk (id int PRIMARY KEY, n int)",
    ):
        source.execute(statement)
        if statement.startswith("CREATE"):
            target.execute(statement)
    sync = sync_of(source, target)
    begin(sync)
    load(sync)
    with ApplierChild(sync) as applier:
        applier.wait_until_started()
        yield from _latency(applier, source, target)
        _catch_up(sync, source, target)
        yield "memory of the applier, at most, in MB", applier.peak_memory() / 2**20
        rows = int(10_000_000 * SCALE)
        source.execute(f"INSERT INTO bulk SELECT n, n FROM generate_series(1, {rows}) n")
        begun = time.perf_counter()
        _catch_up(sync, source, target)
        yield f"one transaction of {rows} inserted rows", time.perf_counter() - begun
        yield "memory of the applier, at most, in MB", applier.peak_memory() / 2**20
        source.execute("UPDATE bulk SET n = -n")
        begun = time.perf_counter()
        _catch_up(sync, source, target)
        yield f"one transaction of {rows} updated rows", time.perf_counter() - begun
        yield "memory of the applier, at most, in MB", applier.peak_memory() / 2**20
    query = "SELECT count(*), sum(n) FROM bulk"
    assert source.fetch(query) == target.fetch(query)


def _latency(applier: ApplierChild, source: Database, target: Database) -> Iterator[tuple[str, float]]:
    ended = threading.Event()
    committed: dict[int, float] = {}
    shown: dict[int, float] = {}
    threads = [
        threading.Thread(target=_commit, args=(source, committed, ended)),
        threading.Thread(target=_watch, args=(target, shown, ended)),
    ]
    for thread in threads:
        thread.start()
    used, begun = _cpu(applier.pid), time.perf_counter()
    printed = _pgbench(source)
    share = (_cpu(applier.pid) - used) / (time.perf_counter() - begun)
    time.sleep(2)
    ended.set()
    for thread in threads:
        thread.join()
    waits = sorted(shown[each] - moment for each, moment in committed.items() if each in shown)
    yield "transactions a second that pgbench came to (no unit)", printed
    yield f"latency, median of {len(waits)}", statistics.median(waits)
    yield "latency, 99 of 100", waits[len(waits) * 99 // 100]
    yield "latency, the longest", waits[-1]
    yield "share of a core that the applier took (no unit)", share


def _pgbench(source: Database) -> float:
    arguments = ["-n", "-c", "4", "-R", str(RATE), "-T", str(SECONDS)]
    done = subprocess.run(
        [installed(16).path("pgbench"), *arguments],
        env={**os.environ, **libpq_environment(source.endpoint)},
        check=True,
        capture_output=True,
        text=True,
    )
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("tps = "))
    return float(line.split()[2])


def _commit(source: Database, committed: dict[int, float], ended: threading.Event) -> None:
    with source.connect() as conn:
        number = 0
        while not ended.is_set():
            conn.execute("INSERT INTO probe VALUES (%s)", (number,))
            committed[number] = time.perf_counter()
            number += 1
            time.sleep(0.05)


def _watch(target: Database, shown: dict[int, float], ended: threading.Event) -> None:
    last = -1
    with target.connect() as conn:
        while not ended.is_set():
            ((found,),) = conn.execute("SELECT coalesce(max(id), -1) FROM probe").fetchall()
            shown.update(dict.fromkeys(range(last + 1, found + 1), time.perf_counter()))
            last = found
            time.sleep(0.01)


def _catch_up(sync: Sync, source: Database, target: Database) -> None:
    end = position(source)
    while progress_of(sync, target).lsn < end:
        source.execute("SELECT pg_logical_emit_message(true, 'bench', '')")
        time.sleep(0.1)


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used (proc(5): stat, utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
