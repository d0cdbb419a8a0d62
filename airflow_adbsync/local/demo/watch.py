"""Where the sync has got to: Airflow is asked for its tasks, the target's control schema for load and lag."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.state.relations import RelationState
from airflow_adbsync.local.demo.phases import first_start, phase_step
from airflow_adbsync.local.demo.picture import Lag, Step, StepState
from airflow_adbsync.local.demo.stack import AirflowRest, TaskInstance

_LAGS_KEPT = 40


@dataclass(frozen=True, slots=True)
class Run:
    """One DAG run, the sync that it carries out, and how many rows that has to load."""

    sync_id: str
    dag_id: str
    run_id: str
    rows: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look has shown; ``run_state`` is Airflow's word for the whole DAG run."""

    run_state: str
    steps: tuple[Step, ...] = ()
    instances: tuple[TaskInstance, ...] = ()
    lags: tuple[Lag, ...] = ()

    @property
    def over(self) -> bool:
        """Tell whether the DAG run has ended."""
        return self.run_state in {"success", "failed"}

    def step(self, name: str) -> Step:
        """The phase of this name; one that waits where there is none."""
        return next((step for step in self.steps if step.title == name), Step(name))


class Watch:
    """Looks at one DAG run, and at the sync that it carries out."""

    def __init__(self, rest: AirflowRest, target: Endpoint, run: Run) -> None:
        self._rest = rest
        self._target = target
        self._run = run
        self._task_ids = rest.task_ids(run.dag_id)
        self._began: dict[str, datetime] = {}
        self._lags: list[tuple[datetime, Lag]] = []
        self._relations: tuple[RelationState, ...] = ()
        self._connection: Connection | None = None
        self.changes = 0

    @property
    def lags(self) -> tuple[Lag, ...]:
        """Every sample seen, also those that release has since removed."""
        return tuple(lag for _, lag in self._lags)

    def look(self) -> Sight:
        """Ask once. Raises `AirflowRefused`, or the engine's typed errors."""
        run_state = self._rest.run_state(self._run.dag_id, self._run.run_id)
        instances = self._rest.task_instances(self._run.dag_id, self._run.run_id)
        for task_id, start in first_start(instances).items():
            self._began.setdefault(task_id, start)
        now = datetime.now(UTC)
        steps = [phase_step(task, instances, now, self._began.get(task)) for task in self._task_ids]
        with typed_errors(self._target, "reading the control schema"):
            self._ask_target()
        detailed = tuple(self._with_detail(step) for step in steps)
        return Sight(run_state, detailed, tuple(instances), self.lags[-_LAGS_KEPT:])

    def failure(self, sight: Sight) -> str:
        """What the first failed task said, at some length."""
        failed = [each for each in sight.instances if each.state == "failed"]
        if not failed:
            return "No task failed by itself."
        lines = self._rest.log_lines(self._run.dag_id, self._run.run_id, failed[0])
        return f"Task {failed[0].task_id} failed. It said last:\n" + "\n".join(lines[-30:])

    def close(self) -> None:
        """Let go of the target."""
        if self._connection is not None:
            self._connection.close()

    def _ask_target(self) -> None:
        """Note load, progress and lag; what release has removed is remembered as it was."""
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._target, autocommit=True)
        if not state.is_present(self._connection):
            return
        sync_id = self._run.sync_id
        sample = state.lag.latest(self._connection, sync_id)
        if sample is not None and (not self._lags or self._lags[-1][0] < sample.sampled_at):
            self._lags.append((sample.sampled_at, Lag(sample.lag_bytes, sample.lag_seconds)))
        progress = state.progress.find(self._connection, sync_id)
        self.changes = progress.changes if progress else self.changes
        relations = tuple(state.relations.read(self._connection, sync_id).values())
        self._relations = relations or self._relations

    def _with_detail(self, step: Step) -> Step:
        if step.title == "incremental" and self.changes:
            return replace(step, detail=f"{self.changes:,} changes applied")
        if step.title != "load" or step.state is StepState.WAITING or not self._relations:
            return step
        loaded = [relation for relation in self._relations if relation.snapshot is not None]
        rows = sum(relation.rows or 0 for relation in loaded)
        whole = len(loaded) == len(self._relations)
        return replace(
            step,
            fraction=1.0 if whole else min(0.99, rows / max(1, self._run.rows)),
            detail=f"{len(loaded)} of {len(self._relations)} tables, {rows:,} rows",
        )
