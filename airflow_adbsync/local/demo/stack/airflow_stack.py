"""Airflow as four processes of ours: api-server, scheduler, dag-processor, triggerer.

`airflow standalone` would start them too, but a SIGTERM to it orphans them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from airflow_adbsync.local.demo.errors import AirflowRefused, DemoFailed
from airflow_adbsync.local.demo.stack import processes
from airflow_adbsync.local.demo.stack.config import USER, AirflowSettings, component_environment
from airflow_adbsync.local.demo.stack.processes import Component, Guard, tail
from airflow_adbsync.local.demo.stack.rest import AirflowRest

_COMMANDS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
_START_TIMEOUT = 300.0  # seconds; two busy cores have been seen to need 140


class AirflowStack:
    """One Airflow, from its empty metadata database to its end."""

    def __init__(self, settings: AirflowSettings) -> None:
        self.settings = settings
        self.rest = AirflowRest(settings.url)
        self._components: list[Component] = []
        self._guard: Guard | None = None
        self._abandoned = Event()

    def prepare(self) -> None:
        """Write the configuration, and make the tables of the metadata database.

        Raises `DemoFailed` with what Airflow said.
        """
        home = self.settings.home
        home.mkdir(parents=True, exist_ok=True)
        write_private(self.settings.config_file, self.settings.config_text())
        write_private(self.settings.password_file, json.dumps({USER: self.settings.password}))
        log_file = home / "db-migrate.log"
        with log_file.open("wb") as log:
            status = subprocess.call(
                [sys.executable, "-m", "airflow", "db", "migrate"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=component_environment(os.environ, home),
            )
        if status:
            raise DemoFailed(
                f"`airflow db migrate` ended with status {status}. It said last:\n{tail(log_file)}",
                remedy=f"The rest is in {log_file}.",
            )

    def start(self) -> None:
        """Start the four components; `wait_until_ready` tells when they are of use."""
        environment = component_environment(os.environ, self.settings.home)
        for name, command in _COMMANDS.items():
            log_file = self.settings.home / f"{name}.log"
            self._components.append(
                Component(name, [sys.executable, "-m", "airflow", *command], log_file, environment)
            )
        self._guard = Guard(self._components)

    def wait_until_ready(self, dag_id: str, report: Callable[[str], None] = lambda _: None) -> None:
        """Wait until every component is healthy and the DAG has been parsed, and log in.

        Raises `ComponentDied`, or `DemoFailed` where the DAG can't be imported or time runs out.
        """
        self._wait(self._is_healthy, report)
        self.rest.log_in(USER, self.settings.password)
        report(f"waiting for the DAG {dag_id}")
        self._wait(lambda _: self._has_dag(dag_id), report)

    def check(self) -> None:
        """Raise `ComponentDied` where a component has ended."""
        for component in self._components:
            component.check()

    def abandon(self) -> None:
        """Let another thread's `wait_until_ready` end at once."""
        self._abandoned.set()

    def stop(self) -> None:
        """Stop the components and all that they started; none is left on return."""
        processes.stop(self._components)
        self._components.clear()
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None

    def _wait(self, ready: Callable[[Callable[[str], None]], bool], report: Callable[[str], None]) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        while not ready(report):
            self.check()
            if time.monotonic() > deadline:
                raise DemoFailed(
                    f"Airflow was not ready after {_START_TIMEOUT:.0f} seconds.",
                    remedy=f"See its logs in {self.settings.home}.",
                )
            if self._abandoned.wait(0.5):
                raise DemoFailed("Nobody waits for Airflow any more.")

    def _is_healthy(self, report: Callable[[str], None]) -> bool:
        try:
            health = self.rest.health()
        except AirflowRefused:
            report("waiting for api-server")
            return False
        missing = [name.replace("_", "-") for name, status in health.items() if status != "healthy"]
        report(f"waiting for {', '.join(missing)}" if missing else "healthy")
        return not missing

    def _has_dag(self, dag_id: str) -> bool:
        if self.rest.has_dag(dag_id):
            return True
        for filename, trace in self.rest.import_errors():
            if dag_id in Path(filename).stem:
                raise DemoFailed(f"Airflow can't import {filename}:\n{trace}", remedy="Mend the file.")
        return False


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody but its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
