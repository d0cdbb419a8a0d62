"""What a sync's page says, from what was read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow_adbsync.engine.errors import ConnectionFailed
from airflow_adbsync.engine.model import Finding, Lsn, QualifiedName, Status
from airflow_adbsync.engine.state import LagPoint, Overview
from airflow_adbsync.engine.state.overview import Applying, TableTotals, VerificationTotals
from airflow_adbsync.engine.state.phases import PhaseRun
from airflow_adbsync.engine.state.verifications import TableVerification
from airflow_adbsync.engine.watch import SlotHold, SourcePosition
from airflow_adbsync.plugin.panels import charts, throughput
from airflow_adbsync.plugin.references import SyncReference, SyncTask
from airflow_adbsync.plugin.view import SyncView

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TASKS = tuple(SyncTask(phase, phase) for phase in ("precheck", "start", "load", "incremental", "verify"))


def hold_of(wal_status: str | None, *, present: bool = True, reason: str | None = None) -> SlotHold:
    return SlotHold("s", SourcePosition(Lsn(5000), NOON, 4000, wal_status, None, reason, present), 7)


HOLD = hold_of("reserved")


def run(phase: str, state: str, minute: int, message: str | None = None) -> PhaseRun:
    started = NOON - timedelta(minutes=60 - minute)
    return PhaseRun(
        phase, state, started, None if state == "running" else started + timedelta(seconds=30), message
    )


def view(*phases: PhaseRun, hold: SlotHold | None = HOLD, lag: Any = (), **facts: Any) -> SyncView:
    known = {
        "start_lsn": Lsn(1000),
        "created_at": NOON,
        "tables": TableTotals(10, 4),
        "applying": Applying(Lsn(4000), NOON, NOON, "me", 1, 2, None),
        **facts,
    }
    overview = Overview("shop", NOON, phases=phases, **known)
    sync = SyncReference("dag", "shop", "a", "b", TASKS)
    return SyncView(sync, NOON, timedelta(hours=1), overview, lag, hold)


def test_a_healthy_sync_has_nothing_to_say() -> None:
    seen = view(run("start", "done", 1), run("incremental", "running", 2), applier_pid=12)
    assert seen.notices == ()
    assert (seen.condition.level, seen.condition.word) == ("good", "replicating")
    assert seen.lag_bytes == 1000
    states = {stop.phase: stop.state for stop in seen.road}
    known = {"start": "done", "incremental": "running"}
    assert states == {**dict.fromkeys(["precheck", "load", "verify"], "waiting"), **known}
    assert next(stop for stop in seen.road if stop.phase == "incremental").seconds == 58 * 60


def test_a_phase_that_nobody_works_on_is_told_apart_from_one_that_runs() -> None:
    stalled = view(run("incremental", "running", 2))
    assert stalled.condition.word == "incremental interrupted"
    assert [notice.level for notice in stalled.notices] == ["warn"]
    loading = view(run("load", "running", 2), loads=3)
    assert loading.condition.word == "load"
    assert loading.notices == ()


def test_a_pause_is_told() -> None:
    seen = view(run("incremental", "running", 2), applier_pid=12, paused=True)
    assert seen.condition.word == "paused"
    assert [notice.title for notice in seen.notices] == ["Paused"]


def test_a_failure_says_what_to_do() -> None:
    seen = view(run("load", "failed", 3, "No such table. What to do: Make it."))
    (notice,) = seen.notices
    assert (notice.level, notice.title, notice.text, notice.remedy) == (
        "bad", "Load failed", "No such table.", "Make it.",
    )  # fmt: skip
    assert seen.condition.word == "load failed"


def test_the_worst_comes_first() -> None:
    different = TableVerification(QualifiedName("public", "a"), 1, 2, "x", "y")
    seen = view(
        run("incremental", "running", 2),
        hold=hold_of("unreserved"),
        verification=VerificationTotals(3, 10, NOON, (different,)),
        applying=Applying(Lsn(4000), NOON, NOON, "me", 1, 2, Lsn(6000)),
    )
    levels = [notice.level for notice in seen.notices]
    assert levels == ["bad", "warn", "warn", "info"]
    assert "1 of 3" in seen.notices[0].title


def test_a_lost_slot_is_the_first_thing_to_say() -> None:
    for hold in (
        hold_of(None, present=False),
        hold_of("lost"),
        hold_of("reserved", reason="idle_timeout"),
    ):
        seen = view(run("incremental", "running", 2), hold=hold, applier_pid=3)
        word = "lost" if hold.position.has_slot else "missing"
        assert seen.condition.word == f"slot {word}"
        assert seen.notices[0].title == f"Slot {word}"
        assert "anew" in seen.notices[0].remedy
    not_made_yet = view(run("precheck", "done", 2), hold=hold_of(None, present=False), start_lsn=None)
    assert not_made_yet.notices == ()


def test_a_target_out_of_reach_is_all_there_is_to_say() -> None:
    sync = SyncReference("dag", "shop", "a", "b", TASKS)
    error = ConnectionFailed("No route.", remedy="Look at the firewall.")
    seen = SyncView(sync, NOON, timedelta(hours=1), target_error=error)
    (notice,) = seen.notices
    assert (notice.text, notice.remedy) == ("No route.", "Look at the firewall.")
    assert seen.condition.word == "out of reach"
    assert {stop.state for stop in seen.road} == {"waiting"}


def test_findings_that_block_come_first() -> None:
    every = tuple(Finding(status.value, status, "x") for status in Status)
    seen = view(findings=every)
    assert [status for status, _ in seen.findings] == [
        Status.FAILED,
        Status.BROKEN,
        Status.ALERT,
        Status.PASSED,
    ]


def test_throughput_is_that_of_the_last_minute() -> None:
    lag = [
        LagPoint(NOON - timedelta(seconds=120 - 10 * number), 0, 0, 0, 1000 * number, 4096 * number)
        for number in range(13)
    ]
    seen = view(lag=lag)
    assert throughput(seen) == (100.0, 409.6)
    assert [chart.title for chart in charts(seen)][2] == "Changes applied"
    assert charts(seen)[2].latest == 100.0
    assert throughput(view()) == (None, None)
