"""While a sync goes on, gated tasks ask for the present and never see less; a changed table starts a DAG."""

from __future__ import annotations

import sys
import threading
import time
from functools import partial

import pytest

from tests.airflow.live.stack import Live
from tests.databases import Database


@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes by Linux's means")
def test_a_gated_task_never_sees_a_state_older_than_it_asked_for(live: Live) -> None:
    for dag_id in ("gated", "watching"):
        live.wait(dag_id, partial(live.stack.rest.has_dag, dag_id))
        live.stack.rest._ask("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})
    ended = threading.Event()
    selling = threading.Thread(target=_sell_more_and_more, args=(live.source, ended))
    selling.start()
    behind = []
    try:
        for _ in range(2):
            with live.target.connect() as late, late.transaction():
                # The applier waits; who is not gated may look.
                late.execute("LOCK TABLE shop.orders IN SHARE MODE")
                # In this order: what is asked for had committed by then.
                asked = _wait_for_another_order(live.source)
                at = live.source.value("SELECT clock_timestamp()")
                behind.append(live.target.value("SELECT max(total) FROM shop.orders") < asked)
                order = {"logical_date": None, "conf": {"at": at.isoformat(), "asked": asked}}
                run_id = live.stack.rest._ask("POST", "/api/v2/dags/gated/dagRuns", order)["dag_run_id"]
                time.sleep(1)
        count = "SELECT count(*) = 2 FROM public.seen"
        live.wait("the gated tasks", lambda: live.target.value(count), dag_id="gated", run_id=run_id)
    finally:
        ended.set()
        selling.join()

    assert all(found >= asked for asked, found in live.target.fetch("SELECT asked, seen FROM public.seen"))
    assert behind == [True] * 2, "without the gate they would have seen less"

    # It may have heard of the load before.
    changed = "SELECT rows, lsn FROM public.heard WHERE rows > 0"
    heard = live.wait("the watcher", lambda: live.target.fetch(changed))
    assert len({lsn for _, lsn in heard}) == len(heard), "a change was told twice"


def _wait_for_another_order(source: Database) -> int:
    first = latest = int(source.value("SELECT max(total) FROM shop.orders"))
    while latest == first:
        time.sleep(0.05)
        latest = int(source.value("SELECT max(total) FROM shop.orders"))
    return latest


def _sell_more_and_more(source: Database, ended: threading.Event) -> None:
    with source.connect() as connection:
        while not ended.wait(0.1):
            connection.execute("INSERT INTO shop.orders (total) SELECT max(total) + 1 FROM shop.orders")
