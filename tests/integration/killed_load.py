"""A full load that is killed again and again, under a writer, and what it comes to in the end."""

from __future__ import annotations

import logging
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg

from airflow_adbsync.engine import state
from airflow_adbsync.engine.config import LoadOptions
from airflow_adbsync.engine.load import plan
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.load_child import end_of, start_load
from tests.integration.replicated import assert_equal, begin, catch_up, sync_of

_LOG = logging.getLogger(__name__)
LEDGER = QualifiedName("public", "ledger")
_TABLES = """
    CREATE TABLE ledger (id int, code int NOT NULL, n int, filling text, long text);
    CREATE TABLE small (id int, note text);
    ALTER TABLE ledger ALTER long SET STORAGE EXTERNAL;
"""
_KEYS = """
    ALTER TABLE ledger ADD PRIMARY KEY (id); ALTER TABLE ledger ADD UNIQUE (code);
    ALTER TABLE small ADD PRIMARY KEY (id);
"""


def load_under_kills(
    source: Database, target: Database, *, kills: int, megabytes: int, seed: int | None = None
) -> int:
    """Load with a kill every second or so, catch up, and compare; return how many kills hit a load.

    No kill costs more than one chunk for each connection.
    """
    pick = random.Random(seed)
    rows = megabytes * 4_000
    for database in (source, target):
        database.execute(_TABLES)
    source.execute(_KEYS)
    source.execute(
        f"""
        INSERT INTO ledger
        SELECT n, -n, 0, repeat('x', 180), CASE WHEN n % 100 = 0 THEN repeat('y', 3000) END
        FROM generate_series(1, {rows}) n;
        INSERT INTO small SELECT n, 'note' FROM generate_series(1, 99) n
        """
    )
    plain = sync_of(source, target, retry_for="60s")
    options = LoadOptions(max_tasks=1, chunk_bytes=1 << 20, throttle={"bytes": max(megabytes // 3, 1) << 20})
    sync = replace(plain, config=plain.config.model_copy(update={"load": options}))
    begin(sync)
    with _writing(source, rows, pick):
        hits = sum(_kill_one(sync, target, pick) for _ in range(kills))
        end_of(_run(sync))
    twice, most = _copied_twice(sync, source, target, rows)
    _LOG.info("%d of %d kills met a load: of %d rows %s were copied twice.", hits, kills, rows, twice)
    assert twice.at_least <= hits * most
    assert twice.at_most <= hits * most + twice.changed
    target.execute(_KEYS)
    catch_up(sync, source)
    assert_equal(source, target, ("ledger", "small"))
    return hits


@dataclass(frozen=True)
class _Twice:
    """Rows that were copied in vain: at most so many, of which some were copied again as they were changed
    meanwhile; ``changed`` is how often the writer has changed or made one."""

    at_least: int
    at_most: int
    changed: int


def _copied_twice(sync: Sync, source: Database, target: Database, rows: int) -> tuple[_Twice, int]:
    """How many rows were copied in vain, and how many one kill may cost.

    The server counts every row that a COPY puts in or a refresh removes, be it rolled back or not
    (PostgreSQL doc: pg_stat_all_tables).
    """
    there = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s)"
    counted = "SELECT n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables WHERE relname = 'ledger'"
    deadline = time.monotonic() + 60
    with target.connect() as conn:
        while conn.execute(there, (conn.info.backend_pid,)).fetchone() == (True,):
            assert time.monotonic() < deadline, "sessions of killed loads live on"
            time.sleep(0.1)
            conn.execute("SELECT pg_stat_clear_snapshot()")
        chunks = state.chunks.read(conn, sync.sync_id, LEDGER)
    ((put, _, removed),) = target.fetch(counted)
    ((made, changed, _),) = source.fetch(counted)
    left = target.value("SELECT count(*) FROM ledger")
    assert put >= left
    # No two connections copy the same chunk.
    largest = sorted(chunk.rows for chunk in chunks)[-sync.config.load.connections_per_task :]
    return _Twice(put - removed - left, put - left, made + changed - rows), sum(largest)


def _kill_one(sync: Sync, target: Database, pick: random.Random) -> bool:
    """Chunks that are committed stay so."""
    before = _committed(sync, target)
    child = _run(sync)
    time.sleep(pick.uniform(0.1, 1.2))
    hit = child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=30)
    assert before <= _committed(sync, target)
    return hit


def _run(sync: Sync) -> subprocess.Popen[str]:
    (only,) = plan(sync).bins
    return start_load(sync, only)


def _committed(sync: Sync, target: Database) -> set[int]:
    with target.connect() as conn:
        chunks = state.chunks.read(conn, sync.sync_id, LEDGER)
    return {chunk.number for chunk in chunks if chunk.snapshot}


@contextmanager
def _writing(source: Database, rows: int, pick: random.Random) -> Iterator[None]:
    """Rows change, move, go and come; keys and secondary keys pass from one row to another."""
    stop = threading.Event()
    failed: list[psycopg.Error] = []

    def write() -> None:
        fresh = rows
        try:
            with source.connect() as conn:
                while not stop.is_set():
                    at, fresh = pick.randrange(1, rows), fresh + 10
                    with conn.transaction():
                        some = (at, at + 20)
                        conn.execute("UPDATE ledger SET n = n + 1 WHERE id BETWEEN %s AND %s", some)
                        conn.execute("DELETE FROM ledger WHERE id = %s", (at + 3,))
                        conn.execute(
                            "UPDATE ledger SET id = -id WHERE id = %s AND NOT EXISTS "
                            "(SELECT FROM ledger WHERE id = %s)",
                            (at + 4, -at - 4),
                        )
                        conn.execute(
                            "UPDATE ledger SET code = %s WHERE id = %s", (-1_000_000_000 - fresh, at + 5)
                        )
                        conn.execute(
                            "INSERT INTO ledger SELECT n, -n, 1, 'new' FROM generate_series(%s::int, %s) n",
                            (fresh, fresh + 9),
                        )
                        conn.execute(
                            "INSERT INTO ledger SELECT %s, %s, 2, 'again' WHERE NOT EXISTS "
                            "(SELECT FROM ledger WHERE id = %s OR code = %s)",
                            (at + 3, -at - 5, at + 3, -at - 5),
                        )
        except psycopg.Error as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join(60)
    assert not failed, failed
