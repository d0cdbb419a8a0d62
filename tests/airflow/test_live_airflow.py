"""A real scheduler and a real triggerer: what ``dag.test()`` does not show.

Replication runs in the triggerer's child; that child is killed, the task is cleared while it is deferred, and
the triggerer is replaced by another one. Nothing of it may lose a row or drop the slot.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from airflow_adbsync import sync_dag

dag = sync_dag({CONFIG!r}, dag_id="live", until="stopped")
"""


@dataclass
class Live:
    """A running Airflow and the run of one DAG in it."""

    stack: AirflowStack
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

    def wait(self, what: str, happened: Callable[[], Any], seconds: float = 120) -> Any:
        deadline = time.monotonic() + seconds
        while not (seen := happened()):
            self.stack.check()
            failed = self.run_id and self.stack.rest.run_state("live", self.run_id) == "failed"
            assert not failed, self._last_words()
            assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
            time.sleep(0.3)
        return seen

    def _last_words(self) -> str:
        instances = self.stack.rest.task_instances("live", self.run_id)
        failed = next(each for each in instances if each.state == "failed")
        lines = self.stack.rest.log_lines("live", self.run_id, failed)
        return f"{failed.task_id} failed:\n" + "\n".join(lines[-30:])


@pytest.fixture
def live(tmp_path: Path, target_server: Server, target_db: Database) -> Iterator[Live]:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "live.py").write_text(DAG_FILE, encoding="utf-8")
    with fresh_database(target_server, "airflow") as metadata:
        stack = AirflowStack(
            AirflowSettings(
                home=tmp_path / "airflow",
                dags=tmp_path / "dags",
                metadata=metadata.endpoint,
                port=_free_port(),
                unused_port=_free_port(),
            )
        )
        stack.prepare()
        try:
            stack.start()
            stack.wait_until_ready("live")
            yield Live(stack, target_db)
        finally:
            stack.stop()


@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes by Linux's means")
def test_replication_outlives_what_happens_to_the_triggerer(
    live: Live, tmp_path: Path, source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    live.stack.rest.add_connection("shop_source", "postgres", source_db.endpoint)
    live.stack.rest.add_connection("shop_target", "adbsync", target_db.endpoint)
    live.run_id = live.stack.rest.trigger("live")
    first = live.another_applier()
    live.wait("a deferred task", lambda: live.state("incremental") == "deferred")
    assert source_db.endpoint.password
    assert source_db.endpoint.password not in " ".join(first.cmdline())
    shop.sell(source_db)

    first.kill()
    second = live.another_applier(first.pid)
    shop.sell(source_db)

    _clear(live, "incremental")
    third = live.another_applier(second.pid)
    assert not second.is_running()
    assert _has_slot(source_db)
    shop.sell(source_db)

    with _another_triggerer(live):
        fourth = live.another_applier(third.pid)
        assert not third.is_running()
        assert _has_slot(source_db)
        shop.sell(source_db)

        request_stop(Sync(read_config(CONFIG), source_db.endpoint, target_db.endpoint))
        live.wait("the end", lambda: live.stack.rest.run_state("live", live.run_id) == "success")

    psutil.wait_procs([fourth], timeout=10)
    assert not fourth.is_running()
    assert {each.state for each in live.stack.rest.task_instances("live", live.run_id)} == {"success"}
    shop.assert_equal(source_db, target_db)
    assert target_db.value("SELECT count(*) > 3 FROM adbsync.lag_sample")
    assert source_db.endpoint.password not in _logs(tmp_path / "airflow")


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
