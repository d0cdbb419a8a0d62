"""A real scheduler and a real triggerer for tests, and the run of one DAG in it."""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from airflow_adbsync.local.demo.errors import AirflowRefused
from airflow_adbsync.local.demo.stack import AirflowSettings, AirflowStack, TaskInstance
from airflow_adbsync.local.demo.stack.config import component_environment
from airflow_adbsync.local.demo.stack.processes import Component
from tests.airflow.live.statsd import StatsdListener
from tests.databases import Database, Server, fresh_database


class MeasuredSettings(AirflowSettings):
    """An Airflow that sends its metrics to a port of the tests'."""

    statsd_port = 0

    def _sections(self) -> dict[str, dict[str, str]]:
        where = {"statsd_on": "True", "statsd_host": "127.0.0.1", "statsd_port": str(self.statsd_port)}
        return {**super()._sections(), "metrics": where}


@dataclass
class Running:
    """A running Airflow, its metadata database, and the other end of its metrics."""

    stack: AirflowStack
    metadata: Database
    metrics: StatsdListener

    def component(self, name: str) -> Component:
        """One of its processes."""
        (found,) = (each for each in self.stack._components if each.name == name)
        return found


@contextmanager
def running_airflow(home: Path, dags: Path, server: Server) -> Iterator[Running]:
    """An Airflow with its metadata on a server, that has parsed these DAG files."""
    metrics = StatsdListener()
    MeasuredSettings.statsd_port = metrics.port
    with fresh_database(server, "airflow") as metadata:
        settings = MeasuredSettings(
            home=home, dags=dags, metadata=metadata.endpoint, port=free_port(), unused_port=free_port()
        )
        stack = AirflowStack(settings)
        metrics.start()
        stack.prepare()
        try:
            stack.start()
            stack.wait_until_ready("live")
            yield Running(stack, metadata, metrics)
        finally:
            stack.stop()
            metrics.close()


@dataclass
class Live:
    """The run of one DAG in a running Airflow, and the two sides of its sync."""

    stack: AirflowStack
    source: Database
    target: Database
    dag_id: str = "live"
    run_id: str = ""

    def begin(self) -> None:
        """Trigger the DAG, once it is there."""
        self.wait(self.dag_id, lambda: self.stack.rest.has_dag(self.dag_id))
        self.run_id = self.stack.rest.trigger(self.dag_id)

    def states(self) -> dict[str, str | None]:
        """The state of every task."""
        return {each.task_id: each.state for each in self._instances()}

    def state(self, task_id: str) -> str | None:
        return self.states().get(task_id)

    def until(self, task_id: str, state: str, *, seconds: float = 300) -> None:
        """Wait until the task is in a state."""
        self.wait(f"{task_id}: {state}", lambda: self.state(task_id) == state, seconds=seconds)

    def result(self, task_id: str) -> Any:
        """What the task has returned."""
        return self.stack.rest._ask("GET", f"{self._path(task_id)}/xcomEntries/return_value")["value"]

    def answer(self, task_id: str, choice: str) -> None:
        """Answer a task that waits for somebody, by Airflow's API, as its UI does.

        Nobody is as quick as a test: a task that goes on before the scheduler has heard that its process has
        ended counts as failed to Airflow.
        """
        self.until(task_id, "awaiting_input")
        (task,) = (each for each in self._instances() if each.task_id == task_id)
        heard = (
            f"executor event with state success for task instance TaskInstanceKey(dag_id='{self.dag_id}', "
            f"task_id='{task_id}', run_id='{self.run_id}', try_number={task.try_number},"
        )
        log = self.stack.settings.home / "scheduler.log"
        self.wait("the scheduler", lambda: heard in log.read_text(encoding="utf-8"))
        body = {"chosen_options": [choice], "params_input": {}}
        self.stack.rest._ask("PATCH", f"{self._path(task_id)}/-1/hitlDetails", body)

    def clear(self, *task_ids: str, downstream: bool = False) -> None:
        order = {
            "dry_run": False,
            "task_ids": list(task_ids),
            "dag_run_id": self.run_id,
            "only_failed": False,
            "include_downstream": downstream,
        }
        self.stack.rest._ask("POST", f"/api/v2/dags/{self.dag_id}/clearTaskInstances", order)

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
        dag_id: str = "",
        run_id: str = "",
        seconds: float = 300,
    ) -> Any:
        """Wait for something to be true, and return it, unless the run fails before."""
        dag_id, run_id = dag_id or self.dag_id, run_id or self.run_id
        deadline = time.monotonic() + seconds
        while True:
            self.stack.check()
            try:
                if seen := happened():
                    return seen
                failed = run_id and self.stack.rest.run_state(dag_id, run_id) == "failed"
            except AirflowRefused as error:
                # A busy machine's API server has been seen not to answer for half a minute.
                if error.status:
                    raise
                failed = False
            assert not failed, self._last_words(dag_id, run_id)
            assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
            time.sleep(0.3)

    def _instances(self) -> list[TaskInstance]:
        return self.stack.rest.task_instances(self.dag_id, self.run_id)

    def _path(self, task_id: str) -> str:
        run_id = urllib.parse.quote(self.run_id, safe="")
        return f"/api/v2/dags/{self.dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"

    def _last_words(self, dag_id: str, run_id: str) -> str:
        instances = self.stack.rest.task_instances(dag_id, run_id)
        failed = next(each for each in instances if each.state == "failed")
        lines = self.stack.rest.log_lines(dag_id, run_id, failed)
        return f"{failed.task_id} failed:\n" + "\n".join(lines[-30:])


def replace_triggerer(running: Running) -> None:
    """End the triggerer as a deployment would, and run another one in its place."""
    components, home = running.stack._components, running.stack.settings.home
    old = running.component("triggerer")
    old.process.terminate()
    old.process.wait(120)
    components.remove(old)
    command = [sys.executable, "-m", "airflow", "triggerer", "--skip-serve-logs"]
    environment = component_environment(os.environ, home)
    components.append(Component("triggerer", command, home / "triggerer-2.log", environment))


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
