"""The phases of the sync, as Airflow's task instances show them; values only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from airflow_adbsync.local.demo.picture import Step, StepState
from airflow_adbsync.local.demo.stack.rest import TaskInstance

_PASSED_BY = {"skipped", "removed", "upstream_failed"}
_BEGUN = {"queued", "scheduled", "running", "restarting", "up_for_retry", "up_for_reschedule"}


def phase_name(task_id: str) -> str:
    """A task's name without the groups that it stands in."""
    return task_id.rsplit(".", 1)[-1]


def phase_step(
    task_id: str, instances: Iterable[TaskInstance], now: datetime, began: datetime | None
) -> Step:
    """Put all instances of one task together.

    ``began`` is when the phase was first seen to run: an instance that was deferred, or is tried again, tells
    only of its latest beginning.
    """
    mine = [instance for instance in instances if instance.task_id == task_id]
    state = _state([instance.state for instance in mine])
    done = sum(instance.state == "success" for instance in mine)
    return Step(
        title=phase_name(task_id),
        state=state,
        seconds=_seconds(mine, state, now, began),
        fraction=done / len(mine) if len(mine) > 1 else None,
        detail=_detail(mine, done),
    )


def first_start(instances: Iterable[TaskInstance]) -> dict[str, datetime]:
    """When each task was first begun, as far as its instances still tell."""
    starts: dict[str, datetime] = {}
    for instance in instances:
        if instance.start is not None:
            starts[instance.task_id] = min(instance.start, starts.get(instance.task_id, instance.start))
    return starts


def _state(states: Sequence[str | None]) -> StepState:
    if "failed" in states:
        return StepState.FAILED
    if states and all(state == "success" for state in states):
        return StepState.DONE
    if states and all(state == "success" or state in _PASSED_BY for state in states):
        return StepState.SKIPPED
    if any(state == "deferred" for state in states):
        return StepState.WATCHING
    if any(state in _BEGUN or state == "success" for state in states):
        return StepState.RUNNING
    return StepState.WAITING


def _seconds(
    instances: Sequence[TaskInstance], state: StepState, now: datetime, began: datetime | None
) -> float | None:
    if began is None:
        return None
    ends = [instance.end for instance in instances if instance.end is not None]
    over = state in {StepState.DONE, StepState.FAILED, StepState.SKIPPED} and ends
    return max(0.0, ((max(ends) if over else now) - began).total_seconds())


def _detail(instances: Sequence[TaskInstance], done: int) -> str:
    said = [f"{done} of {len(instances)} tasks"] if len(instances) > 1 else []
    tries = max((instance.try_number for instance in instances), default=1)
    return ", ".join([*said, f"try {tries}"] if tries > 1 else said)
