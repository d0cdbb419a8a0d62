"""Phases, as they are put together from Airflow's task instances."""

from datetime import UTC, datetime, timedelta

import pytest

from airflow_adbsync.local.demo.phases import first_start, phase_step
from airflow_adbsync.local.demo.picture import StepState
from airflow_adbsync.local.demo.stack.rest import TaskInstance, in_order

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def instance(
    state: str | None, *, task: str = "shop.load", index: int = -1, start: int = 0, tried: int = 1
) -> TaskInstance:
    begun = NOON + timedelta(seconds=start) if state not in {None, "scheduled"} else None
    ended = NOON + timedelta(seconds=start + 10) if state in {"success", "failed"} else None
    return TaskInstance(task, index, state, begun, ended, tried)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], StepState.WAITING),
        ([None], StepState.WAITING),
        (["scheduled"], StepState.RUNNING),
        (["success", "running", None], StepState.RUNNING),
        (["success", None], StepState.RUNNING),
        (["success", "deferred"], StepState.WATCHING),
        (["success", "success"], StepState.DONE),
        (["success", "failed", "running"], StepState.FAILED),
        (["upstream_failed"], StepState.SKIPPED),
        (["skipped", "success"], StepState.SKIPPED),
        (["up_for_retry"], StepState.RUNNING),
    ],
)
def test_state_of_a_phase_of_many_tasks(states: list[str | None], expected: StepState) -> None:
    instances = [instance(state, index=number) for number, state in enumerate(states)]
    assert phase_step("shop.load", instances, NOON, None).state is expected


def test_a_finished_phase_takes_from_its_first_beginning_to_its_last_end() -> None:
    instances = [instance("success", index=0, start=5), instance("success", index=1, start=20)]
    step = phase_step("shop.load", instances, NOON + timedelta(hours=1), first_start(instances)["shop.load"])
    assert (step.title, step.seconds, step.fraction) == ("load", 25.0, 1.0)
    assert step.detail == "2 of 2 tasks"


def test_a_running_phase_takes_until_now_and_remembers_when_it_began() -> None:
    step = phase_step("shop.load", [instance("deferred", start=50)], NOON + timedelta(seconds=60), NOON)
    assert (step.seconds, step.fraction) == (60.0, None)


def test_other_tasks_do_not_count_and_retries_are_told() -> None:
    instances = [instance("failed", task="shop.verify"), instance("running", tried=3)]
    step = phase_step("shop.load", instances, NOON, NOON)
    assert (step.state, step.detail) == (StepState.RUNNING, "try 3")


def test_tasks_are_put_in_the_order_of_their_dependencies() -> None:
    downstream = {"verify": ["release"], "load": ["verify"], "release": [], "precheck": ["load", "verify"]}
    assert in_order(downstream) == ["precheck", "load", "verify", "release"]
