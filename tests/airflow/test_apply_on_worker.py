"""The applier in a worker: it rests when there is nothing to apply, and is woken when there is."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Self

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import TaskDeferralTimeout

from airflow_adbsync import sync_dag
from airflow_adbsync.engine import replication
from airflow_adbsync.engine.config import IncrementalOptions, SyncConfig
from airflow_adbsync.engine.errors import AdbsyncError, ConfigError, ConnectionFailed, SyncUnknown
from airflow_adbsync.engine.model import Endpoint, Lsn
from airflow_adbsync.engine.state.lag import LagSample
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.watch import SourcePosition
from airflow_adbsync.operators.incremental import IncrementalOperator
from airflow_adbsync.triggers import backlog, patience
from airflow_adbsync.triggers.backlog import BacklogTrigger
from airflow_adbsync.triggers.supervision import Done, Supervisor
from airflow_adbsync.triggers.wake_up import WakeUp
from tests.airflow import shop
from tests.airflow.runs import run
from tests.databases import Database

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
OPTIONS = IncrementalOptions.model_validate({"wake_bytes": "1MB", "wake_after": "60s"})
STOPPED = {"until": "stopped", "value": None}
CONFIG = {
    "sync_id": "shop",
    "source": "shop_source",
    "target": "shop_target",
    "objects": {"schemas": ["shop", "Back Office"]},
    "incremental": {
        "apply_on": "worker",
        "wake_bytes": 1,
        "idle_after": "1s",
        "sample_lag_every": "200ms",
    },
}


def reason(
    until: dict[str, Any] = STOPPED,
    *,
    lag_bytes: int = 0,
    lag_seconds: float = 0.0,
    stop_at: Lsn | None = None,
    paused: bool = False,
    **source: Any,
) -> str | None:
    position = SourcePosition(Lsn(100), NOW, 0, source.pop("wal_status", "reserved"), **source)
    reader: Any = SimpleNamespace(source=position, stop_at=stop_at, paused=paused)
    return WakeUp.of(OPTIONS, until).reason(LagSample(NOW, lag_bytes, lag_seconds, 0), reader)


def test_it_stays_asleep_below_its_bounds() -> None:
    assert reason(lag_bytes=(1 << 20) - 1, lag_seconds=59.9) is None
    assert WakeUp.of(OPTIONS, STOPPED).reason(None, SimpleNamespace(source=None, stop_at=None)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("look", "said"),
    [
        ({"lag_bytes": 1 << 20}, "1048576 bytes behind"),
        ({"lag_seconds": 60.0}, "60 s behind"),
        ({"stop_at": Lsn(7)}, "asked to stop at 0/7"),
        ({"wal_status": "unreserved"}, "slot is unreserved"),
        ({"wal_status": "lost"}, "slot is lost"),
        ({"invalidation_reason": "idle_timeout"}, "slot is idle_timeout"),
        ({"has_slot": False}, "slot is gone"),
        ({"until": {"until": "caught_up", "value": None}}, "shall catch up"),
        ({"until": {"until": "lsn", "value": "0/64"}}, "come to 0/64"),
        ({"until": {"until": "time", "value": NOW.isoformat()}}, "it is 2026-01-31T12:00:00"),
    ],
)
def test_what_wakes_it(look: dict[str, Any], said: str) -> None:
    assert said in str(reason(**look))


def test_nothing_wakes_it_in_a_pause() -> None:
    assert reason(lag_bytes=1 << 30, lag_seconds=3600.0, stop_at=Lsn(7), paused=True) is None


def test_a_goal_that_the_source_has_not_come_to_wakes_nobody() -> None:
    assert reason({"until": "lsn", "value": "0/65"}) is None
    assert reason({"until": "time", "value": (NOW + timedelta(seconds=1)).isoformat()}) is None


def test_another_place_to_apply_is_refused_when_the_dag_is_read() -> None:
    with pytest.raises(ConfigError, match="triggerer or worker"):
        IncrementalOperator(task_id="incremental", config=CONFIG, apply_on="scheduler")
    with DAG("elsewhere"):
        assert IncrementalOperator(task_id="incremental", config=CONFIG, apply_on="worker").apply_on


class Blind:
    """A reader that sees nothing, for one reason or another."""

    error: AdbsyncError
    source = stop_at = None

    def __init__(self, _sync: Any) -> None:
        """It needs no server."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        return None

    async def read(self) -> LagSample:
        raise self.error


@pytest.mark.parametrize(
    ("error", "deadline", "said"),
    [
        (SyncUnknown("No such sync."), None, "can't be watched: No such sync."),
        (ConnectionFailed("The source is away."), None, "The source is away."),
        (ConnectionFailed("The source is away."), 0.0, "did not end before"),
    ],
)
async def test_what_it_does_while_it_sees_nothing(
    monkeypatch: pytest.MonkeyPatch,
    connection: Callable[..., str],
    error: AdbsyncError,
    deadline: float | None,
    said: str,
) -> None:
    connection("shop_source", Endpoint(host="a", database="d", user="u"))
    connection("shop_target", Endpoint(host="b", database="d", user="u"))
    monkeypatch.setattr(Blind, "error", error, raising=False)
    monkeypatch.setattr(replication, "LagReader", Blind)
    monkeypatch.setattr(patience, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(backlog, "_SETTLE", 0.0)
    config = {**CONFIG, "incremental": {"retry_for": "200ms"}}
    until = datetime.now(UTC).isoformat() if deadline is not None else None
    trigger = BacklogTrigger(config=config, until=STOPPED, deadline=until, done={"changes": 3})
    (event,) = [event.payload async for event in trigger.run()]
    expected = "error" if error.retryable else "success"
    assert event["status"] == ("timeout" if deadline is not None else expected)
    assert said in json.dumps(event)
    if event["status"] == "success":
        assert event["result"]["until"] == STOPPED
        assert event["result"]["done"] == {"changes": 3}


def test_a_worker_applies_rests_and_is_woken(
    monkeypatch: pytest.MonkeyPatch,
    airflow_database: None,
    connection: Callable[..., str],
    source_db: Database,
    target_db: Database,
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    sync = Sync(SyncConfig.model_validate(CONFIG), source_db.endpoint, target_db.endpoint)
    shop.move(sync)
    with DAG("on_a_worker") as dag:
        IncrementalOperator(task_id="incremental", config=CONFIG, until="stopped", retries=0)

    rests = threading.Semaphore(0)
    watch = BacklogTrigger._watch

    async def watch_at_rest(self: BacklogTrigger) -> str:
        rests.release()
        return await watch(self)

    def sell_at_rest() -> None:
        for _ in range(2):
            assert rests.acquire(timeout=60)
            shop.sell(source_db)
        replication.request_stop(sync)

    monkeypatch.setattr(backlog, "_SETTLE", 0.0)
    monkeypatch.setattr(BacklogTrigger, "_watch", watch_at_rest)
    with _meanwhile(sell_at_rest):
        assert run(dag) == {"incremental": {"success"}}

    assert target_db.value("SELECT epoch FROM adbsync.progress") >= 3, "each time another applier"
    shop.assert_equal(source_db, target_db)


def test_a_deadline_ends_a_worker_that_applies(monkeypatch: pytest.MonkeyPatch) -> None:
    async def apply_for_ever(_self: Supervisor) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(Supervisor, "run", apply_for_ever)
    task = IncrementalOperator(task_id="incremental", config=CONFIG)
    deadline = (datetime.now(UTC) + timedelta(milliseconds=100)).isoformat()
    with pytest.raises(TaskDeferralTimeout, match="did not end before"):
        asyncio.run(task._apply_until_idle(STOPPED, deadline, Done()))


def test_the_standard_dag_can_apply_on_workers() -> None:
    dag = sync_dag({**CONFIG, "sync_id": "standard"}, apply_on="triggerer")
    assert dag.task_dict["incremental"].apply_on == "triggerer"
    assert dag.task_dict["incremental"].config["incremental"]["apply_on"] == "worker"


@contextmanager
def _meanwhile(what: Callable[[], object]) -> Iterator[None]:
    thread = threading.Thread(target=what, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(100)
