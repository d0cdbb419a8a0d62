"""While a sync goes on, gated tasks ask for the present and never see less; a changed table starts a DAG."""

from __future__ import annotations

import sys
import threading
import time
from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.airflow.live.stack import Live
from tests.databases import Database

REVENUE = "SELECT sum(total) FROM shop.orders WHERE placed_at >= %s AND placed_at <= clock_timestamp()"
ADDED_UP = "SELECT count(*) FROM public.revenue WHERE day = ANY (%s)"


@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes by Linux's means")
def test_a_gated_task_never_sees_a_state_older_than_it_asked_for(live: Live) -> None:
    """The gated task is that of dags/daily_revenue.py."""
    for dag_id in ("daily_revenue", "watching"):
        live.wait(dag_id, partial(live.stack.rest.has_dag, dag_id))
        live.stack.rest._ask("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})
    today = live.source.value("SELECT date_trunc('day', now())")
    ended = threading.Event()
    selling = threading.Thread(target=_sell_more_and_more, args=(live.source, ended))
    selling.start()
    asked = {}
    behind = []
    try:
        # Yesterday's run Airflow makes by itself.
        for start in (today - timedelta(days=3), today - timedelta(days=2)):
            with live.target.connect() as late, late.transaction():
                # The applier waits; who is not gated may look.
                late.execute("LOCK TABLE shop.orders IN SHARE MODE")
                _wait_for_another_order(live.source)
                # In this order: what is asked for had committed by then.
                asked[start.date()] = live.source.value(REVENUE, start)
                end = live.source.value("SELECT clock_timestamp()")
                behind.append(live.target.value(REVENUE, start) < asked[start.date()])
                run_id = _add_up(live, start, end)
                time.sleep(1)
        added_up = "SELECT to_regclass('public.revenue') IS NOT NULL"
        wait = partial(live.wait, dag_id="daily_revenue", run_id=run_id)
        wait("the gated tasks", lambda: live.target.value(added_up))
        wait("both", lambda: live.target.value(ADDED_UP, list(asked)) == 2)
    finally:
        ended.set()
        selling.join()

    seen = dict(live.target.fetch("SELECT day, amount FROM public.revenue"))
    assert all(seen[day] >= amount for day, amount in asked.items())
    assert behind == [True] * 2, "without the gate they would have seen less"

    # It may have heard of the load before.
    changed = "SELECT rows, lsn FROM public.heard WHERE rows > 0"
    heard = live.wait("the watcher", lambda: live.target.fetch(changed))
    assert len({lsn for _, lsn in heard}) == len(heard), "a change was told twice"


def _add_up(live: Live, start: datetime, end: datetime) -> str:
    """Run the example over an interval; return the run's id."""
    interval = {"data_interval_start": start.isoformat(), "data_interval_end": end.isoformat()}
    order = {"logical_date": start.isoformat(), **interval}
    run: str = live.stack.rest._ask("POST", "/api/v2/dags/daily_revenue/dagRuns", order)["dag_run_id"]
    return run


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
