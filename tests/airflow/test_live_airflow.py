"""A real scheduler and a real triggerer: what ``dag.test()`` does not show.

While a sync goes on, gated tasks ask for the present and never see less, and a watcher starts a DAG when a
table has changed. Then the applier, the triggerer's child, is killed, the task is cleared while it is
deferred, and the triggerer is replaced by another one. Nothing of it may lose a row or drop the slot.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from airflow_adbsync.engine import cutover
from airflow_adbsync.engine.replication import request_stop
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.hooks.sync import read_config
from airflow_adbsync.local.demo.stack import AirflowStack
from tests import pgbench
from tests.airflow import shop
from tests.airflow.conftest import DAGS
from tests.airflow.live import Live, another_triggerer, running_airflow
from tests.databases import Database, Server, fresh_database
from tests.pgbench import Pgbench

CONFIG = {
    "sync_id": "live",
    "source": "live_source",
    "target": "live_target",
    "objects": {"schemas": ["shop", "Back Office"]},
    "precheck": {"acknowledge": ["replica_identity"]},
    "incremental": {"sample_lag_every": "1s"},
}
DAG_FILE = f"""
from airflow.sdk import DAG, AssetWatcher, task
from airflow_adbsync import sync_dag, table_asset
from airflow_adbsync.hooks.adbsync import AdbsyncHook
from airflow_adbsync.sensors.replicated_up_to import ReplicatedUpToSensor
from airflow_adbsync.triggers.relation_changed import RelationChangedTrigger

CONFIG = {CONFIG!r}
dag = sync_dag(CONFIG, dag_id="live", until="stopped")

def note(statement, *values):
    with AdbsyncHook("live_target").get_conn() as target:
        target.execute(statement, values)

with DAG("gated", params={{"at": "", "asked": 0}}):
    gate = ReplicatedUpToSensor(task_id="gate", config=CONFIG, at="{{{{ params.at }}}}", poke_interval=0.5)

    @task
    def see(params=None):
        note("INSERT INTO public.seen SELECT %s, max(total) FROM shop.orders", params["asked"])

    gate >> see()

trigger = RelationChangedTrigger(
    config=CONFIG, relation="shop.orders", debounce=2, longest=300, poke_interval=0.5
)
orders = table_asset(CONFIG, "shop.orders", watchers=[AssetWatcher(name="orders", trigger=trigger)])

with DAG("watching", schedule=[orders], is_paused_upon_creation=False):
    @task
    def hear(triggering_asset_events=None):
        for events in triggering_asset_events.values():
            for event in events:
                if "from_trigger" in event.extra:
                    payload = event.extra["payload"]
                    note("INSERT INTO public.heard VALUES (%s, %s::pg_lsn)", payload["rows"], payload["lsn"])

    hear()
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, target_server: Server) -> Iterator[AirflowStack]:
    """One Airflow for all tests here."""
    files = {name: (DAGS / name).read_text(encoding="utf-8") for name in ("shop.yaml", "shop_cutover.py")}
    files["live.py"] = DAG_FILE
    with running_airflow(tmp_path_factory.mktemp("live"), target_server, files) as stack:
        yield stack


@pytest.fixture(scope="module")
def live(stack: AirflowStack, source_server: Server, target_server: Server) -> Iterator[Live]:
    """A shop's sync that goes on."""
    with (
        fresh_database(source_server, "source") as source,
        fresh_database(target_server, "target") as target,
    ):
        live = Live(stack, source, target)
        shop.make_shop(source)
        target.execute("CREATE TABLE public.seen (asked numeric, seen numeric)")
        target.execute("CREATE TABLE public.heard (rows bigint, lsn pg_lsn)")
        stack.rest.add_connection("live_source", "postgres", source.endpoint)
        stack.rest.add_connection("live_target", "adbsync", target.endpoint)
        live.begin()
        live.another_applier()
        live.until("incremental", "deferred")
        yield live


@pytest.mark.timeout(600)
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


@pytest.mark.timeout(600)
def test_a_cut_over_under_load_there_and_back(
    stack: AirflowStack, source_db: Database, target_db: Database, tmp_path: Path
) -> None:
    """Rejected first, which changes nothing, then approved; what the target gets is carried back."""
    shop.make_shop(source_db)
    pgbench.fill(source_db, "shop")
    stack.rest.add_connection("shop_source", "postgres", source_db.endpoint)
    stack.rest.add_connection("shop_target", "adbsync", target_db.endpoint)
    there = Live(stack, source_db, target_db, "shop_cutover")
    here = Live(stack, source_db, target_db, "shop_way_back")
    with Pgbench(source_db, tmp_path, "shop") as load:
        there.begin()
        there.until("cutover.approve", "awaiting_input")
        assert there.state("cutover.follow") == "deferred"
        assert there.state("cutover.verify") == "success"
        there.answer("cutover.approve", "Reject")
        there.until("cutover.follow", "success")
        assert (there.state("cutover.switch"), there.state("cutover.abort")) == ("skipped", "skipped")
        assert cutover.find_fence(shop.sync(source_db, target_db)) is None
        assert _has_slot(source_db, "adbsync_shop")
        assert load.is_at_work

        there.clear("cutover.follow", "cutover.approve", downstream=True)
        there.answer("cutover.approve", "Approve")
        there.until("cutover.switch", "success")
        load.wait()
    pgbench.assert_none_lost_or_doubled(source_db, target_db, load, "shop")
    assert 0 < there.result("cutover.switch")["fenced_seconds"] < 20

    before = pgbench.count(target_db, "shop")
    with Pgbench(target_db, tmp_path, "shop") as load:
        there.until("cutover.follow_back", "deferred")
        arrived = lambda: pgbench.count(source_db, "shop") > before + 100  # noqa: E731
        there.wait("changes that come back", arrived)
        here.begin()
        here.answer("cutover.approve", "Approve")
        here.until("cutover.switch", "success")
        load.wait()
    pgbench.assert_none_lost_or_doubled(target_db, source_db, load, "shop", before=before)
    for run in (there, here):
        run.wait("its end", lambda run=run: stack.rest.run_state(run.dag_id, run.run_id) == "success")
    shop.assert_equal(target_db, source_db)
    source_db.execute("INSERT INTO shop.orders (total) VALUES (1)")


@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes by Linux's means")
def test_replication_outlives_what_happens_to_the_triggerer(live: Live) -> None:
    source, target = live.source, live.target
    first = live.another_applier()
    assert source.endpoint.password
    assert source.endpoint.password not in " ".join(first.cmdline())
    shop.sell(source)

    first.kill()
    second = live.another_applier(first.pid)
    shop.sell(source)

    live.clear("incremental")
    third = live.another_applier(second.pid)
    assert not second.is_running()
    assert _has_slot(source)
    shop.sell(source)

    with another_triggerer(live.stack):
        fourth = live.another_applier(third.pid)
        assert not third.is_running()
        assert _has_slot(source)
        shop.sell(source)

        request_stop(Sync(read_config(CONFIG), source.endpoint, target.endpoint))
        live.wait("the end", lambda: live.stack.rest.run_state("live", live.run_id) == "success")

    psutil.wait_procs([fourth], timeout=10)
    assert not fourth.is_running()
    assert {each.state for each in live.stack.rest.task_instances("live", live.run_id)} == {"success"}
    shop.assert_equal(source, target)
    assert target.value("SELECT count(*) > 3 FROM adbsync.lag_sample")
    assert source.endpoint.password not in _logs(live.stack.settings.home)


def _has_slot(source: Database, name: str = "adbsync_live") -> bool:
    return bool(source.fetch("SELECT FROM pg_replication_slots WHERE slot_name = %s", name))


def _logs(home: Path) -> str:
    files = [*home.glob("*.log"), *(home / "logs").rglob("*.log")]
    assert len(files) > 10
    return "\n".join(each.read_text(encoding="utf-8", errors="replace") for each in files)
