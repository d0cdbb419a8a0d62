"""The notes that each phase leaves on the target."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection, connect
from airflow_adbsync.engine.errors import StatementFailed
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.state.phases import PhaseRun, running


@pytest.fixture
def noted(target: Endpoint) -> Endpoint:
    with connect(target) as conn:
        state.ensure(conn)
    return target


def runs(endpoint: Endpoint, sync_id: str = "shop") -> dict[str, PhaseRun]:
    with connect(endpoint) as conn:
        return {run.phase: run for run in state.phases.read(conn, sync_id)}


def test_a_phase_runs_and_is_done(noted: Endpoint) -> None:
    with running(noted, "shop", "verify"):
        assert runs(noted)["verify"].state == "running"
    done = runs(noted)["verify"]
    assert (done.state, done.message) == ("done", None)
    assert done.finished_at
    assert done.finished_at > done.started_at


def test_a_failure_is_noted_with_its_words_and_passed_on(noted: Endpoint) -> None:
    with pytest.raises(StatementFailed), running(noted, "shop", "schema"):
        raise StatementFailed("No such type.", remedy="Make it.")
    failed = runs(noted)["schema"]
    assert (failed.state, failed.message) == ("failed", "No such type. What to do: Make it.")


def test_an_interruption_is_noted_too(noted: Endpoint) -> None:
    with pytest.raises(KeyboardInterrupt), running(noted, "shop", "load"):
        raise KeyboardInterrupt
    assert (runs(noted)["load"].state, runs(noted)["load"].message) == ("failed", "KeyboardInterrupt")


def test_a_phase_of_many_tasks_keeps_its_first_time_until_it_is_whole(noted: Endpoint) -> None:
    whole = False

    def complete(_conn: Connection) -> bool:
        return whole

    with running(noted, "shop", "load", complete):
        pass
    first = runs(noted)["load"]
    whole = True
    with running(noted, "shop", "load", complete):
        pass
    last = runs(noted)["load"]
    assert (first.state, last.state) == ("running", "done")
    assert last.started_at == first.started_at


def test_notes_stand_whatever_becomes_of_the_phases_transaction(noted: Endpoint) -> None:
    with connect(noted) as conn:
        conn.execute("CREATE TABLE of_the_phase ()")
        with running(noted, "shop", "start"):
            pass
        conn.rollback()
    assert runs(noted)["start"].state == "done"


def test_without_control_schema_nothing_is_noted(target: Endpoint) -> None:
    with running(target, "shop", "precheck"):
        pass
    with connect(target) as conn:
        assert not state.is_present(conn)


def test_an_unreachable_target_does_not_stop_the_phase(
    noted: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    ran = False
    with running(replace(noted, database="not_there"), "shop", "precheck"):
        ran = True
    assert ran
    assert "Phase precheck could not be noted on the target" in caplog.text
