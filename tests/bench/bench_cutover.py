"""For how long nobody can write at a cut-over of 1 GB under pgbench, there and back.

Asked for: under 5 s. BENCH_SCALE (1) scales the data, BENCH_ROUNDS (3) is the number of times that it goes
there and back. Beside it lies what the clients see: from the last commit on one side to the first on the
other.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from airflow_adbsync.engine import cutover, schema
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.cutover import Switched
from airflow_adbsync.engine.release import release
from airflow_adbsync.engine.sync import Sync
from tests import pgbench
from tests.databases import Database
from tests.integration.applier_child import ApplierChild
from tests.integration.replicated import begin, load
from tests.pgbench import TABLES, Pgbench

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
# pgbench's tables with their keys take 15 MB for each unit of its scale.
PGBENCH_SCALE = max(round(70 * SCALE), 1)
CLIENTS, RATE = 4, 300
# Under load, before each cut-over.
SECONDS = 5.0
_END_CLIENTS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgbench'"
_SIZE = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200"


def measure(source: Database, target: Database) -> Iterator[tuple[str, float]]:
    pgbench.fill(source, scale=PGBENCH_SCALE)
    gigabytes = float(source.value(_SIZE)) / 1e9
    fenced: list[float] = []
    for _ in range(ROUNDS):
        for way, made, waited in _there_and_back(source, target):
            fenced.append(made.seconds)
            parts = ", ".join(f"{name} {spent:.2f}" for name, spent in made.steps.items())
            yield f"writes fenced, {way} ({parts}); clients waited {waited:.2f} s", made.seconds
    yield f"writes fenced, {gigabytes:.2f} GB, median of {len(fenced)}", statistics.median(fenced)
    yield "writes fenced, at most", max(fenced)


def _there_and_back(source: Database, target: Database) -> Iterator[tuple[str, Switched, float]]:
    """It ends as it began: nothing on the target, and no sync."""
    before = pgbench.count(source)
    with tempfile.TemporaryDirectory() as directory:
        sync, first = _moved(source, target), _load(source, directory, "first")
        there, second = _switched(sync, first, target, directory, "second")
        assert there.back is not None
        back, third = _switched(there.back, second, source, directory, "third")
        with third:
            while pgbench.count(source) == pgbench.count(target):
                time.sleep(0.1)
            source.execute(_END_CLIENTS)
            third.wait()
        _assert_counted(target, before, first, second)
        _assert_counted(source, before, first, second, third)
        yield "there", there, second.begun - first.ended
        yield "back", back, third.begun - second.ended
    release(there.back)
    release(sync)
    target.execute(
        f"DROP TABLE {', '.join(TABLES)}; "
        f'ALTER DATABASE "{target.endpoint.database}" RESET default_transaction_read_only'
    )


def _moved(source: Database, target: Database) -> Sync:
    config = SyncConfig.model_validate(
        {
            "sync_id": "cutting",
            "source": "a",
            "target": "b",
            "objects": {"schemas": ["public"]},
            "cutover": {"reverse": True},
        }
    )
    sync = Sync(config, source.endpoint, target.endpoint)
    begin(sync)
    schema.create(sync)
    load(sync)
    schema.finish(sync)
    for database in (source, target):
        database.execute("VACUUM ANALYZE")
        database.execute("CHECKPOINT")
    return sync


def _load(database: Database, directory: str, name: str) -> Pgbench:
    place = Path(directory, name)
    place.mkdir()
    return Pgbench(database, place, clients=CLIENTS, rate=RATE)


def _switched(sync: Sync, load: Pgbench, to: Database, directory: str, name: str) -> tuple[Switched, Pgbench]:
    """Replicate under load, then cut over; the clients go where the rows have gone."""
    with load, ApplierChild(sync) as applier:
        applier.wait_until_started()
        time.sleep(SECONDS)
        made = cutover.switch(sync)
        after = _load(to, directory, name)
        load.wait()
        assert applier.wait() == 0
    return made, after


def _assert_counted(database: Database, before: int, *loads: Pgbench) -> None:
    """Nothing lost, nothing doubled; each client may have committed one more than it was told."""
    committed = sum(load.committed for load in loads)
    assert committed <= pgbench.count(database) - before <= committed + sum(load.clients for load in loads)
    pgbench.assert_consistent(database)
