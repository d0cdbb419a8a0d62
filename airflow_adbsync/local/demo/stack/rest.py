"""Airflow's REST API, as far as the demo needs it."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.local.demo.errors import AirflowRefused

_TIMEOUT = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class TaskInstance:
    """One task instance of a run; ``state`` is None until the scheduler has looked at it."""

    task_id: str
    map_index: int
    state: str | None
    start: datetime | None
    end: datetime | None
    try_number: int

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Read one element of the API's answer."""
        return cls(
            task_id=document["task_id"],
            map_index=document["map_index"],
            state=document["state"],
            start=_time(document["start_date"]),
            end=_time(document["end_date"]),
            try_number=document["try_number"],
        )


class AirflowRest:
    """One Airflow, entered as one user.

    Every method raises `AirflowRefused` where the answer is an error, or where there is none.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._token: str | None = None
        # The address is this machine's own: no proxy that the user may have set can lead there.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def health(self) -> dict[str, str | None]:
        """The state of each component, by its name; needs no login."""
        answer = self._ask("GET", "/api/v2/monitor/health")
        return {name: part["status"] if part else None for name, part in answer.items()}

    def log_in(self, user: str, password: str) -> None:
        """Fetch the token with which all later questions are asked."""
        self._token = self._ask("POST", "/auth/token", {"username": user, "password": password})[
            "access_token"
        ]

    def add_connection(self, connection_id: str, connection_type: str, endpoint: Endpoint) -> None:
        """Store a connection; Airflow encrypts its password."""
        body = {
            "connection_id": connection_id,
            "conn_type": connection_type,
            "host": endpoint.host,
            "port": endpoint.port,
            "schema": endpoint.database,
            "login": endpoint.user,
            "password": endpoint.password,
        }
        self._ask("POST", "/api/v2/connections", body)

    def has_dag(self, dag_id: str) -> bool:
        """Tell whether the DAG has been parsed."""
        try:
            self._ask("GET", f"/api/v2/dags/{dag_id}")
        except AirflowRefused as error:
            if error.status == 404:
                return False
            raise
        return True

    def import_errors(self) -> list[tuple[str, str]]:
        """The DAG files that could not be read, each with the stack trace."""
        answer = self._ask("GET", "/api/v2/importErrors")
        return [(each["filename"], each["stack_trace"]) for each in answer["import_errors"]]

    def trigger(self, dag_id: str) -> str:
        """Let the DAG run, start a run, and return its id."""
        self._ask("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})
        run: str = self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None})["dag_run_id"]
        return run

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Return ``queued``, ``running``, ``success`` or ``failed``."""
        state: str = self._ask("GET", _run_path(dag_id, run_id))["state"]
        return state

    def task_ids(self, dag_id: str) -> list[str]:
        """The DAG's tasks, in the order in which they depend on each other."""
        answer = self._ask("GET", f"/api/v2/dags/{dag_id}/tasks")
        downstream = {task["task_id"]: task["downstream_task_ids"] for task in answer["tasks"]}
        return in_order(downstream)

    def task_instances(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        """Every task instance of a run."""
        answer = self._ask("GET", f"{_run_path(dag_id, run_id)}/taskInstances?limit=1000")
        return [TaskInstance.from_json(each) for each in answer["task_instances"]]

    def log_lines(self, dag_id: str, run_id: str, task: TaskInstance) -> list[str]:
        """What a task instance's last try said."""
        task_id = urllib.parse.quote(task.task_id, safe="")
        path = f"{_run_path(dag_id, run_id)}/taskInstances/{task_id}/logs/{task.try_number}"
        answer = self._ask("GET", f"{path}?map_index={task.map_index}&full_content=true")
        return [line for each in answer["content"] for line in _log_lines(each)]

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._url + path, data, headers, method=method)  # noqa: S310 - our own http address
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:500]
            raise AirflowRefused(
                f"Airflow answered {error.code} to {method} {path}: {said}", status=error.code
            ) from error
        except OSError as error:
            raise AirflowRefused(f"Airflow did not answer to {method} {path}: {error}") from error


def in_order(downstream: dict[str, list[str]]) -> list[str]:
    """Sort tasks so that each stands before those that wait for it; what is equal keeps its order."""
    waiting = {task: sum(task in each for each in downstream.values()) for task in downstream}
    ready = [task for task, count in waiting.items() if count == 0]
    order = []
    while ready:
        task = ready.pop(0)
        order.append(task)
        for follower in downstream[task]:
            waiting[follower] -= 1
            if waiting[follower] == 0:
                ready.append(follower)
    return order


def _run_path(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{dag_id}/dagRuns/{urllib.parse.quote(run_id, safe='')}"


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _log_lines(entry: Any) -> list[str]:
    """An entry's event, and the errors that it carries; Airflow's folding marks are left out."""
    if not isinstance(entry, dict):
        return [str(entry)]
    event = str(entry.get("event", ""))
    errors = entry.get("error_detail") or []
    lines = [] if event.startswith(("::group::", "::endgroup::")) else [event]
    return [*lines, *(f"{error.get('exc_type')}: {error.get('exc_value')}" for error in errors)]
