"""The trigger and its child, without servers: a stand-in plays the applier, another one the lag reader."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Self

import psutil
import pytest
from airflow.sdk.observability import stats

from airflow_adbsync.engine import replication
from airflow_adbsync.engine.errors import ConnectionFailed
from airflow_adbsync.engine.model import Endpoint, Lsn
from airflow_adbsync.engine.state.lag import LagSample
from airflow_adbsync.engine.watch import SourcePosition
from airflow_adbsync.triggers import lag_watch, patience
from airflow_adbsync.triggers.replication import ReplicationTrigger

STAND_IN = Path(__file__).with_name("stand_in_applier.py")
UNTIL = {"until": "caught_up", "value": None}


@dataclass
class Stage:
    """Where the trigger plays: what its children were told, and what was measured."""

    notebook: Path
    trigger: ReplicationTrigger
    gauges: list[tuple[str, float, Any]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def orders(self) -> list[dict[str, Any]]:
        """What each child got on its standard input, and its pid."""
        if not self.notebook.exists():
            return []
        return [json.loads(line) for line in self.notebook.read_text(encoding="utf-8").splitlines()]

    async def run(self) -> dict[str, Any]:
        events = [event.payload async for event in self.trigger.run()]
        assert len(events) == 1
        return dict(events[0])

    def children(self) -> list[int]:
        return [order["pid"] for order in self.orders if psutil.pid_exists(order["pid"])]


class StandInReader:
    """Measures 100, 90, 80 ... bytes; fails at the second look."""

    source = SourcePosition(Lsn(0), datetime.now(UTC), 4096, "reserved")
    looks = 0
    fails = False
    stored: ClassVar[list[LagSample]] = []

    def __init__(self, _sync: Any) -> None:
        """It needs no server."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        return None

    async def read(self) -> LagSample:
        self.looks += 1
        if self.looks == 2 and type(self).fails:
            raise ConnectionFailed("The target is away.")
        return LagSample(datetime.now(UTC), 100 - 10 * self.looks, 1.5, 4096)

    async def store(self, sample: LagSample) -> None:
        self.stored.append(sample)


@pytest.fixture
def stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, connection: Callable[..., str]
) -> Callable[..., Stage]:
    connection("a", Endpoint(host="source", database="d", user="u", password="s3cret"))
    connection("b", Endpoint(host="target", database="d", user="u", password="s3cret"))
    monkeypatch.setattr(replication, "LagReader", StandInReader)
    StandInReader.stored.clear()
    monkeypatch.setattr(patience, "_FIRST_PAUSE", 0.01)

    def make(*parts: str, deadline: datetime | None = None, **incremental: Any) -> Stage:
        config = {
            "sync_id": "shop",
            "source": "a",
            "target": "b",
            "objects": {"schemas": ["public"]},
            "incremental": {"sample_lag_every": "20ms", **incremental},
        }
        trigger = ReplicationTrigger(
            config=config, until=UNTIL, deadline=deadline.isoformat() if deadline else None
        )
        notebook = tmp_path / "orders"
        trigger.applier_command = (sys.executable, str(STAND_IN), str(notebook), *parts)
        made = Stage(notebook, trigger)
        monkeypatch.setattr(
            stats, "gauge", lambda name, value, tags=None: made.gauges.append((name, value, tags))
        )
        monkeypatch.setattr(ReplicationTrigger, "log", _Log(made.said))
        return made

    return make


class _Log:
    def __init__(self, said: list[str]) -> None:
        self._said = said

    def log(self, _level: int, text: str, *values: object) -> None:
        self._said.append(text % values)

    def info(self, text: str, *values: object) -> None:
        self.log(0, text, *values)

    warning = info


async def test_it_tells_how_far_the_applier_got(stage: Callable[..., Stage]) -> None:
    here = stage("stops", sample_lag_every="1h")
    event = await here.run()
    assert event["status"] == "success"
    assert event["result"] == {
        "reason": "caught_up",
        "lsn": "0/30",
        "transactions": 4,
        "changes": 10,
        "lag_bytes": 80,
        "lag_seconds": 1.5,
    }
    assert here.children() == []


async def test_the_child_is_told_on_its_standard_input(stage: Callable[..., Stage]) -> None:
    here = stage("stops")
    await here.run()
    (order,) = here.orders
    assert order["until"] == UNTIL
    assert order["sync"]["source"]["password"] == "s3cret"
    assert order["sync"]["config"]["sync_id"] == "shop"


async def test_no_secret_is_stored_or_logged(stage: Callable[..., Stage]) -> None:
    here = stage("stops")
    await here.run()
    assert "s3cret" not in json.dumps(here.trigger.serialize())
    assert "s3cret" not in repr(here.trigger)
    assert "s3cret" not in "\n".join(here.said)


@pytest.mark.parametrize("part", ["dies", "is busy"])
async def test_an_applier_that_died_or_found_another_is_started_again(
    stage: Callable[..., Stage], part: str
) -> None:
    here = stage(part, part, "stops")
    event = await here.run()
    assert event["status"] == "success"
    assert len(here.orders) == 3


async def test_a_new_applier_gets_the_password_of_now(
    stage: Callable[..., Stage], connection: Callable[..., str]
) -> None:
    here = stage("obeys", "stops")
    run = asyncio.create_task(here.run())
    await _until(lambda: len(here.orders) == 1)
    connection("a", Endpoint(host="source", database="d", user="u", password="n3w"))
    psutil.Process(here.orders[0]["pid"]).kill()
    await run
    assert [order["sync"]["source"]["password"] for order in here.orders] == ["s3cret", "n3w"]


@pytest.mark.parametrize(("part", "error"), [("lost the slot", "SlotLost"), ("gave up", "ConnectionFailed")])
async def test_what_the_applier_gave_up_ends_the_trigger(
    stage: Callable[..., Stage], part: str, error: str
) -> None:
    here = stage(part)
    event = await here.run()
    assert event == {"status": "error", "error": {"type": error, "what": f"A {error}.", "remedy": "Do."}}
    assert len(here.orders) == 1


async def test_it_gives_up_when_the_time_for_retries_has_passed(stage: Callable[..., Stage]) -> None:
    here = stage("dies", retry_for="300ms")
    event = await here.run()
    assert event["status"] == "error"
    assert event["error"]["type"] == "ApplierDied"
    assert "exit status 9" in event["error"]["what"]
    assert len(here.orders) > 1


async def test_it_keeps_its_deadline(stage: Callable[..., Stage]) -> None:
    here = stage("obeys", deadline=datetime.now(UTC) + timedelta(seconds=1))
    event = await here.run()
    assert event["status"] == "timeout"
    assert here.children() == []


async def test_a_connection_that_can_not_be_used_is_an_error_and_no_crash(
    stage: Callable[..., Stage], connection: Callable[..., str]
) -> None:
    here = stage("stops")
    connection("b", Endpoint(host="target", database="", user="u"))
    event = await here.run()
    assert event["status"] == "error"
    assert event["error"]["type"] == "ConfigError"
    assert here.orders == []


@pytest.mark.parametrize("part", ["obeys", "is stubborn"])
async def test_cancelling_it_ends_the_child(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    from airflow_adbsync.triggers.applier_child import ApplierChild  # noqa: PLC0415 - only here

    stop = ApplierChild.stop
    monkeypatch.setattr(ApplierChild, "stop", lambda self: stop(self, 1.0 if part == "is stubborn" else 20.0))
    here = stage(part)
    run = asyncio.create_task(here.run())
    await _until(lambda: any("goes on from" in line for line in here.said))
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await here.trigger.on_kill()
    await here.trigger.cleanup()
    assert here.children() == []
    assert here.notebook.with_suffix(".left").exists() == (part == "obeys")


async def test_the_child_lives_no_longer_than_whoever_started_it(stage: Callable[..., Stage]) -> None:
    here = stage("obeys")
    run = anext(aiter(here.trigger.run()))
    task = asyncio.ensure_future(run)
    await _until(lambda: any("goes on from" in line for line in here.said))
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await _until(lambda: here.children() == [])


async def test_a_child_that_talks_a_lot_is_heard_to_the_end(stage: Callable[..., Stage]) -> None:
    here = stage("chatters")
    event = await here.run()
    assert event["status"] == "success"
    assert any(line.startswith("applier: 19999 ") for line in here.said)
    assert any("something else than events" in line for line in here.said)


async def test_the_lag_is_measured_kept_and_published(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StandInReader, "fails", True)
    monkeypatch.setattr(lag_watch, "_LOG_EVERY", 0.0)
    here = stage("obeys")
    run = asyncio.create_task(here.run())
    await _until(lambda: len(StandInReader.stored) > 3)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    published = [(name, value) for name, value, tags in here.gauges if tags == {"sync_id": "shop"}]
    for sample in StandInReader.stored[:3]:
        assert ("adbsync.lag_bytes", sample.lag_bytes) in published
        assert ("adbsync.lag_seconds", sample.lag_seconds) in published
    assert any("could not be measured: The target is away." in line for line in here.said)


async def test_the_event_loop_is_never_held_up_for_long(stage: Callable[..., Stage]) -> None:
    here = stage("dies", "chatters")
    run = asyncio.create_task(here.run())
    gaps = [gap async for gap in _gaps(run)]
    assert (await run)["status"] == "success"
    assert max(gaps) < 1.0, "the triggerer complains from 0.2 s on; a busy machine may take as long itself"


async def _gaps(run: asyncio.Task[Any]) -> AsyncIterator[float]:
    loop = asyncio.get_running_loop()
    while not run.done():
        before = loop.time()
        await asyncio.sleep(0.01)
        yield loop.time() - before


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():
            await asyncio.sleep(0.02)
