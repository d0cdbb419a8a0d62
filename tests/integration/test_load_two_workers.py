"""Two workers: the bins of one sync in two processes at once, under a writer, with one throttle for both."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from airflow_adbsync.engine.config import LoadOptions
from airflow_adbsync.engine.load import plan
from tests.databases import Database
from tests.integration.load_child import end_of, start_load
from tests.integration.replicated import assert_equal, begin, catch_up, sync_of

TABLES = ("first", "second", "third")
ROWS = 14_000
LIMIT = 2_000_000


@contextmanager
def writing(source: Database) -> Iterator[None]:
    """Each transaction changes rows of all tables."""
    stop = threading.Event()
    pick = random.Random(7)

    def write() -> None:
        fresh = ROWS
        with source.connect() as conn:
            while not stop.is_set():
                at, fresh = pick.randrange(1, ROWS), fresh + 2
                with conn.transaction():
                    for table in TABLES:
                        conn.execute(f"UPDATE {table} SET n = n + 1 WHERE id BETWEEN %s AND %s", (at, at + 9))
                        conn.execute(f"DELETE FROM {table} WHERE id = %s", (at + 11,))
                        conn.execute(f"INSERT INTO {table} VALUES (%s, 0, 'new')", (fresh,))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join(60)


def test_two_processes_load_one_sync_exactly(source_db: Database, target_db: Database) -> None:
    for table in TABLES:
        made = f"CREATE TABLE {table} (id int PRIMARY KEY, n int, filling text)"
        source_db.execute(made)
        target_db.execute(made)
        source_db.execute(
            f"INSERT INTO {table} SELECT n, 0, repeat('x', 200) FROM generate_series(1, {ROWS}) n"
        )
    source_db.execute("ANALYZE")
    plain = sync_of(source_db, target_db)
    options = LoadOptions(max_tasks=2, chunk_bytes="1MB", retry_for="60s", throttle={"bytes": LIMIT})
    sync = replace(plain, config=plain.config.model_copy(update={"load": options}))
    begin(sync)
    with writing(source_db):
        bins = plan(sync).bins
        assert len(bins) == 2
        begun = time.monotonic()
        children = [start_load(sync, bin_) for bin_ in bins]
        for child in children:
            end_of(child)
        taken = time.monotonic() - begun
    moved = target_db.value("SELECT sum(bytes) FROM adbsync.relation")
    # Either alone would keep to the limit too: together they are no faster.
    assert taken > 0.8 * float(moved) / LIMIT > 1.5
    assert target_db.value("SELECT count(*) FROM adbsync.chunk WHERE snapshot IS NOT NULL") > len(TABLES)

    catch_up(sync, source_db)
    assert_equal(source_db, target_db, TABLES)
