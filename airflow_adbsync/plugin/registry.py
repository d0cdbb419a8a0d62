"""Which syncs there are: told by the serialized DAGs, whose tasks carry a reference to theirs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow.models.dag import DagModel
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils.session import create_session

_OPERATORS = "airflow_adbsync.operators."
# Where the module of an operator is named otherwise than the phase that it performs.
_PHASES = {"full_load": "load", "plan_load": "load", "stop": ""}
_AT_A_TIME = 100


@dataclass(frozen=True, slots=True)
class SyncTask:
    """A task of a sync; ``phase`` is empty for one that is no phase of the road, such as stop."""

    task_id: str
    phase: str


@dataclass(frozen=True, slots=True)
class SyncReference:
    """A sync as one DAG names it: its id on the target, and the two connections."""

    dag_id: str
    sync_id: str
    source: str
    target: str
    tasks: tuple[SyncTask, ...] = ()

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


class Registry:
    """Reads the DAGs' serialized forms, each again only after it has changed."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[Any, tuple[SyncReference, ...]]] = {}

    def of_dags(self, dag_ids: Collection[str]) -> list[SyncReference]:
        """The syncs of these DAGs, as far as those are active; blocks on Airflow's database."""
        with create_session() as session:
            active = {
                row[0] for row in session.query(DagModel.dag_id).filter(DagModel.is_stale.is_(False)).all()
            }
            wanted = active & set(dag_ids)
            versions = _latest(
                session.query(SerializedDagModel.dag_id, SerializedDagModel.last_updated)
                .filter(SerializedDagModel.dag_id.in_(wanted))
                .all()
            )
            changed = sorted(
                dag_id for dag_id in wanted if self._read.get(dag_id, ("", ()))[0] != versions.get(dag_id)
            )
            for start in range(0, len(changed), _AT_A_TIME):
                chunk = changed[start : start + _AT_A_TIME]
                for row in SerializedDagModel.get_latest_serialized_dags(dag_ids=chunk, session=session):
                    found = tuple(references_in(row.dag_id, row.data or {}))
                    self._read[row.dag_id] = (versions.get(row.dag_id), found)
        return [sync for dag_id in sorted(wanted) for sync in self._read.get(dag_id, ("", ()))[1]]


def _latest(rows: Iterable[Any]) -> dict[str, Any]:
    latest: dict[str, Any] = {}
    for dag_id, updated in rows:
        latest[dag_id] = max(updated, latest.get(dag_id, updated))
    return latest


def references_in(dag_id: str, serialized: Mapping[str, Any]) -> Iterable[SyncReference]:
    """The syncs that a serialized DAG's tasks belong to, each with its tasks."""
    tasks: dict[tuple[str, str, str], list[SyncTask]] = {}
    mapped: list[SyncTask] = []
    for entry in serialized.get("dag", {}).get("tasks", ()):
        task = entry.get("__var", entry)
        noted = SyncTask(task["task_id"], _phase(task))
        reference = _reference(task)
        if reference is not None:
            tasks.setdefault(reference, []).append(noted)
        elif task.get("_is_mapped") and str(task.get("_task_module", "")).startswith(_OPERATORS):
            mapped.append(noted)
    for (sync_id, source, target), own in tasks.items():
        # A mapped task bears no reference; where a DAG has one sync it can only be that one's.
        every = (*own, *mapped) if len(tasks) == 1 else tuple(own)
        yield SyncReference(dag_id, sync_id, source, target, every)


def _reference(task: Mapping[str, Any]) -> tuple[str, str, str] | None:
    text = task.get("sync_reference")
    if not isinstance(text, str):
        return None
    try:
        document = json.loads(text)
        return str(document["sync_id"]), str(document["source"]), str(document["target"])
    except (ValueError, KeyError, TypeError):
        return None


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
