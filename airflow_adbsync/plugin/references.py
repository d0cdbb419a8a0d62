"""What a serialized DAG tells of the syncs that its tasks belong to: pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_OPERATORS = "airflow_adbsync.operators."
# Where the module of an operator is named otherwise than the phase that it performs.
_PHASES = {"full_load": "load", "plan_load": "load", "stop": ""}


@dataclass(frozen=True, slots=True)
class SyncTask:
    """A task of a sync; ``phase`` is empty for one that is no phase of the road, such as stop."""

    task_id: str
    phase: str


@dataclass(frozen=True, slots=True)
class SyncReference:
    """A sync as one DAG names it: its id on the target, and the two connections.

    ``acknowledges``: the DAG takes the alerts that a run accepts as its parameter. ``only_waits``: it does
    nothing of the sync but wait for it; who may read it need not be one who may see the sync.
    """

    dag_id: str
    sync_id: str
    source: str
    target: str
    tasks: tuple[SyncTask, ...] = ()
    acknowledges: bool = False
    only_waits: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The same for all DAGs that have to do with the sync."""
        return self.target, self.sync_id

    def task_of(self, phase: str) -> str | None:
        """The task that performs a phase."""
        return next((task.task_id for task in self.tasks if task.phase == phase), None)


@dataclass(frozen=True, slots=True)
class Listed:
    """A sync, the DAG that does most of it, and the others that have to do with it."""

    sync: SyncReference
    also: tuple[str, ...] = ()


def references_in(dag_id: str, serialized: Mapping[str, Any]) -> Iterable[SyncReference]:
    """The syncs that a serialized DAG's tasks belong to, each with its tasks."""
    tasks: dict[tuple[str, str, str], list[SyncTask]] = {}
    done_here: set[tuple[str, str, str]] = set()
    mapped: list[SyncTask] = []
    # Parameters are written as pairs of name and value.
    acknowledges = "acknowledge" in dict(serialized.get("dag", {}).get("params", ()))
    for entry in serialized.get("dag", {}).get("tasks", ()):
        task = entry.get("__var", entry)
        noted = SyncTask(task["task_id"], _phase(task))
        reference, waits = _reference(task)
        if reference is not None:
            tasks.setdefault(reference, []).append(noted)
            if not waits:
                done_here.add(reference)
        elif task.get("_is_mapped") and str(task.get("_task_module", "")).startswith(_OPERATORS):
            mapped.append(noted)
    for reference, own in tasks.items():
        # A mapped task bears no reference; where a DAG has one sync it can only be that one's.
        every = (*own, *mapped) if len(tasks) == 1 else tuple(own)
        yield SyncReference(dag_id, *reference, every, acknowledges, reference not in done_here)


def _reference(task: Mapping[str, Any]) -> tuple[tuple[str, str, str] | None, bool]:
    """The sync's id and its connections; and whether the task only waits for it."""
    text = task.get("sync_reference")
    if not isinstance(text, str):
        return None, False
    try:
        document = json.loads(text)
        reference = str(document["sync_id"]), str(document["source"]), str(document["target"])
        return reference, bool(document.get("waits"))
    except (ValueError, KeyError, TypeError):
        return None, False


def _phase(task: Mapping[str, Any]) -> str:
    module = str(task.get("_task_module", ""))
    if not module.startswith(_OPERATORS):
        return ""
    name = module.removeprefix(_OPERATORS)
    return _PHASES.get(name, name)


def listing(syncs: Iterable[SyncReference]) -> list[Listed]:
    """Each sync once, under the DAG with most of its tasks."""
    by_key: dict[tuple[str, str], list[SyncReference]] = {}
    for sync in syncs:
        by_key.setdefault(sync.key, []).append(sync)
    found = []
    for every in by_key.values():
        main = max(every, key=lambda sync: len(sync.tasks))
        found.append(Listed(main, tuple(sync.dag_id for sync in every if sync.dag_id != main.dag_id)))
    return sorted(found, key=lambda listed: (listed.sync.sync_id, listed.sync.target))
