"""A real scheduler and a real triggerer: what ``dag.test()`` does not show.

While a sync goes on, gated tasks ask for the present and never see less, and a watcher starts a DAG when a
table has changed. Then the applier, the triggerer's child, is killed, the task is cleared while it is
deferred, and the triggerer is replaced by another one. Nothing of it may lose a row or drop the slot.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from airflow_adbsync.engine.replication import request_stop
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.hooks.sync import read_config
from airflow_adbsync.local.demo.stack import AirflowSettings, AirflowStack
from airflow_adbsync.local.demo.stack.config import component_environment
from airflow_adbsync.local.demo.stack.processes import Component, stop
from tests.airflow import shop
from tests.databases import Database, Server, fresh_database

CONFIG = {
    "sync_id": "live",
    "source": "shop_source",
    "target": "shop_target",
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
    with AdbsyncHook("shop_target").get_conn() as target:
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


@dataclass
class Live:
    """A running Airflow and the run of one DAG in it."""

    stack: AirflowStack
    source: Database
    target: Database
    run_id: str = ""

    def state(self, task_id: str) -> str | None:
        instances = self.stack.rest.task_instances("live", self.run_id)
        return next((each.state for each in instances if each.task_id == task_id), None)

    def applier(self) -> psutil.Process | None:
        """The process that holds the sync, if it is alive."""
        if not self.target.value("SELECT to_regclass('adbsync.progress') IS NOT NULL"):
            return None
        owner = self.target.value("SELECT coalesce(max(owner), '') FROM adbsync.progress")
        try:
            return psutil.Process(int(owner.rsplit(" ", 1)[-1])) if owner else None
        except psutil.NoSuchProcess:
            return None

    def another_applier(self, than: int | None = None) -> psutil.Process:
        """Wait for an applier that is not the one of before."""
        found = self.wait("an applier", lambda: (seen := self.applier()) and seen.pid != than and seen)
        assert isinstance(found, psutil.Process)
        return found

    def wait(
        self,
        what: str,
        happened: Callable[[], Any],
        *,
        dag_id: str = "live",
        run_id: str = "",
        seconds: float = 120,
    ) -> Any:
        run_id = run_id or self.run_id
        deadline = time.monotonic() + seconds
        while not (seen := happened()):
            self.stack.check()
            failed = run_id and self.stack.rest.run_state(dag_id, run_id) == "failed"
            assert not failed, self._last_words(dag_id, run_id)
            assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
            time.sleep(0.3)
        return seen

    def _last_words(self, dag_id: str, run_id: str) -> str:
        instances = self.stack.rest.task_instances(dag_id, run_id)
        failed = next(each for each in instances if each.state == "failed")
        lines = self.stack.rest.log_lines(dag_id, run_id, failed)
        return f"{failed.task_id} failed:\n" + "\n".join(lines[-30:])


@pytest.fixture(scope="module")
def live(
    tmp_path_factory: pytest.TempPathFactory, source_server: Server, target_server: Server
) -> Iterator[Live]:
    """An Airflow in which a shop's sync goes on."""
    home = tmp_path_factory.mktemp("live")
    (home / "dags").mkdir()
    (home / "dags" / "live.py").write_text(DAG_FILE, encoding="utf-8")
    with (
        fresh_database(target_server, "airflow") as metadata,
        fresh_database(source_server, "source") as source,
        fresh_database(target_server, "target") as target,
    ):
        stack = AirflowStack(
            AirflowSettings(
                home=home / "airflow",
                dags=home / "dags",
                metadata=metadata.endpoint,
                port=_free_port(),
                unused_port=_free_port(),
            )
        )
        stack.prepare()
        try:
            stack.start()
            stack.wait_until_ready("live")
            yield _with_a_sync_that_goes_on(Live(stack, source, target))
        finally:
            stack.stop()


def _with_a_sync_that_goes_on(live: Live) -> Live:
    shop.make_shop(live.source)
    live.target.execute("CREATE TABLE public.seen (asked numeric, seen numeric)")
    live.target.execute("CREATE TABLE public.heard (rows bigint, lsn pg_lsn)")
    live.stack.rest.add_connection("shop_source", "postgres", live.source.endpoint)
    live.stack.rest.add_connection("shop_target", "adbsync", live.target.endpoint)
    live.run_id = live.stack.rest.trigger("live")
    live.another_applier()
    live.wait("a deferred task", lambda: live.state("incremental") == "deferred")
    return live


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

    _clear(live, "incremental")
    third = live.another_applier(second.pid)
    assert not second.is_running()
    assert _has_slot(source)
    shop.sell(source)

    with _another_triggerer(live):
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


def _clear(live: Live, task_id: str) -> None:
    order = {"dry_run": False, "task_ids": [task_id], "dag_run_id": live.run_id, "only_failed": False}
    live.stack.rest._ask("POST", "/api/v2/dags/live/clearTaskInstances", order)


@contextmanager
def _another_triggerer(live: Live) -> Iterator[None]:
    """End the triggerer as a deployment would, and run another one in its place."""
    components = live.stack._components
    (old,) = (each for each in components if each.name == "triggerer")
    old.process.terminate()
    old.process.wait(60)
    components.remove(old)
    home = live.stack.settings.home
    new = Component(
        "triggerer",
        [sys.executable, "-m", "airflow", "triggerer", "--skip-serve-logs"],
        home / "triggerer-2.log",
        component_environment(os.environ, home),
    )
    try:
        yield
    finally:
        stop([new])


def _has_slot(source: Database) -> bool:
    return bool(source.value("SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'adbsync_live'"))


def _logs(home: Path) -> str:
    files = [*home.glob("*.log"), *(home / "logs").rglob("*.log")]
    assert len(files) > 10
    return "\n".join(each.read_text(encoding="utf-8", errors="replace") for each in files)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
