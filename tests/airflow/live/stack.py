"""A running Airflow with real workers and a real triggerer, and what the tests ask of it."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.hooks.sync import read_config
from airflow_adbsync.local.demo.stack import AirflowSettings, AirflowStack
from airflow_adbsync.local.demo.stack.config import component_environment
from airflow_adbsync.local.demo.stack.processes import Component
from tests.airflow.live.statsd import StatsdListener
from tests.databases import Database

DAGS = Path(__file__).parent / "dags"
# Whose shop.yaml is the tests'.
EXAMPLES = (Path(__file__).resolve().parents[3] / "dags" / "daily_revenue.py",)


class MeasuredSettings(AirflowSettings):
    """An Airflow that sends its metrics to a port of the tests'."""

    statsd_port = 0

    def _sections(self) -> dict[str, dict[str, str]]:
        where = {"statsd_on": "True", "statsd_host": "127.0.0.1", "statsd_port": str(self.statsd_port)}
        return {**super()._sections(), "metrics": where}


@dataclass
class Live:
    """A running Airflow, the databases of a shop, and the run of the DAG that keeps them in step."""

    stack: AirflowStack
    metadata: Database
    source: Database
    target: Database
    metrics: StatsdListener
    run_id: str = ""

    def sync(self, name: str) -> Sync:
        """The sync of a file in dags/, as the engine knows it; "shop" is the one that goes on."""
        return Sync(read_config(DAGS / f"{name}.yaml"), self.source.endpoint, self.target.endpoint)

    def state(self, task_id: str, dag_id: str = "live", run_id: str = "") -> str | None:
        """The state of a task that is not mapped."""
        instances = self.stack.rest.task_instances(dag_id, run_id or self.run_id)
        return next((each.state for each in instances if each.task_id == task_id), None)

    def component(self, name: str) -> Component:
        """One of Airflow's processes."""
        (found,) = (each for each in self.stack._components if each.name == name)
        return found

    def applier(self, sync_id: str = "live") -> psutil.Process | None:
        """The process that holds the sync, if it is alive."""
        if not self.target.value("SELECT to_regclass('adbsync.progress') IS NOT NULL"):
            return None
        query = "SELECT coalesce(max(owner), '') FROM adbsync.progress WHERE sync_id = %s"
        owner = self.target.value(query, sync_id)
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
        seconds: float = 240,
    ) -> Any:
        """Wait until it has happened, and return what it says; a run that fails meanwhile tells why."""
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


def replace_triggerer(live: Live) -> None:
    """End the triggerer as a deployment would, and run another one in its place."""
    old = live.component("triggerer")
    old.process.terminate()
    old.process.wait(120)
    live.stack._components.remove(old)
    home = live.stack.settings.home
    command = [sys.executable, "-m", "airflow", "triggerer", "--skip-serve-logs"]
    environment = component_environment(os.environ, home)
    live.stack._components.append(Component("triggerer", command, home / "triggerer-2.log", environment))


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
