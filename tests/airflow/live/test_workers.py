"""Two workers load at once, and one applies while there is something to apply; the triggerer only watches."""

from __future__ import annotations

import sys
import threading

import psutil
import pytest

from airflow_adbsync.engine import load, replica_identity, replication
from airflow_adbsync.engine.config import Objects
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.hooks.sync import read_config
from tests.airflow import shop
from tests.airflow.live.conftest import DAGS
from tests.airflow.live.stack import Live, Running
from tests.databases import Database

TABLES = """
    CREATE SCHEMA stock;
    CREATE TABLE stock.items (id bigint PRIMARY KEY, name text NOT NULL);
    CREATE TABLE stock.prices (id bigint PRIMARY KEY, price numeric NOT NULL, note text);
"""
ROWS = """
    INSERT INTO stock.items SELECT n, md5(n::text) FROM generate_series(1, 60000) AS n;
    INSERT INTO stock.prices SELECT n, n / 100.0, repeat('x', 100) FROM generate_series(1, 60000) AS n;
    ANALYZE stock.items, stock.prices;
"""
WAITING = """
    SELECT DISTINCT a.client_port FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
    WHERE NOT l.granted AND l.relation IN ('stock.items'::regclass, 'stock.prices'::regclass)
"""
WATCHED = """
    SELECT count(*) FROM task_instance AS i JOIN trigger AS t ON t.id = i.trigger_id
    WHERE i.dag_id = 'woken' AND i.state = 'deferred' AND t.classpath LIKE '%%BacklogTrigger'
"""
STOCK = Objects(schemas=("stock",))


@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes by Linux's means")
def test_two_workers_load_at_once_and_one_is_woken_to_apply(live: Live, running: Running) -> None:
    sync = Sync(read_config(DAGS / "woken.yaml"), live.source.endpoint, live.target.endpoint)
    live.source.execute(TABLES)
    live.target.execute(TABLES)
    live.source.execute(ROWS)
    replica_identity.prepare(sync)
    start(sync)
    assert len(load.plan(sync).bins) == 2
    woken = Live(live.stack, live.source, live.target, "woken")

    with live.source.connect() as busy, busy.transaction():
        busy.execute("LOCK TABLE stock.items, stock.prices IN ACCESS EXCLUSIVE MODE")
        woken.begin()
        woken.wait("two loads", lambda: len(_waiting_workers(live.source)) == 2)
        # Neither has begun to copy: from here on they do it side by side.

    woken.wait("rest", lambda: running.metadata.value(WATCHED))
    shop.assert_equal(live.source, live.target, STOCK)
    first = live.target.value("SELECT epoch FROM adbsync.progress WHERE sync_id = 'woken'")

    ended = threading.Event()
    selling = threading.Thread(target=_sell, args=(live.source, ended))
    selling.start()
    try:
        applier = woken.wait("an applier", lambda: live.applier("woken"))
        assert running.component("scheduler").process.pid in {each.pid for each in applier.parents()}
        assert woken.state("incremental") == "running"
    finally:
        ended.set()
        selling.join()
    woken.wait("rest", lambda: running.metadata.value(WATCHED))
    psutil.wait_procs([applier], timeout=60)
    assert not applier.is_running()
    shop.assert_equal(live.source, live.target, STOCK)

    live.source.execute("DELETE FROM stock.prices WHERE id % 7 = 0")
    replication.request_stop(sync)
    woken.wait("the end", lambda: live.stack.rest.run_state("woken", woken.run_id) == "success")
    shop.assert_equal(live.source, live.target, STOCK)
    last = live.target.value("SELECT epoch FROM adbsync.progress WHERE sync_id = 'woken'")
    assert last >= first + 2, "each time another applier"


def _waiting_workers(source: Database) -> set[int]:
    """The processes here whose connections wait for a table's lock."""
    ports = {port for (port,) in source.fetch(WAITING)}
    found = psutil.net_connections("tcp") if ports else []
    return {each.pid for each in found if each.pid and each.laddr.port in ports}


def _sell(source: Database, ended: threading.Event) -> None:
    with source.connect() as connection:
        number = 100_000
        while not ended.wait(0.05):
            number += 1
            connection.execute("INSERT INTO stock.items VALUES (%s, 'new')", (number,))
            connection.execute("UPDATE stock.prices SET price = price + 1 WHERE id = %s", (number - 100_000,))
