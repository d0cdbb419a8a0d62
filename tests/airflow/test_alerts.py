"""Alerts through notifiers: once for as long as something lasts, and again when it is over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, AsyncCallback, BaseNotifier

from airflow_adbsync import sync_dag
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.state.lag import LagSample
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.notifiers import deliver, documents
from airflow_adbsync.operators.verify import VerifyOperator
from airflow_adbsync.triggers.alarm import Alarm
from tests.airflow import shop
from tests.airflow.runs import run
from tests.databases import Database


class Postcard(BaseNotifier):
    """Writes to a file; says so without an event loop."""

    template_fields = ("text",)

    def __init__(self, file: str, text: str = "{{ alert.kind }} {{ alert.state }}") -> None:
        super().__init__()
        self.file = file
        self.text = text

    def notify(self, context: Any) -> None:
        with Path(self.file).open("a", encoding="utf-8") as pages:
            pages.write(self.text + "\n")


class Telegram(Postcard):
    async def async_notify(self, context: Any) -> None:
        self.notify(context)


class Mute(Postcard):
    def notify(self, context: Any) -> None:
        raise OSError("no line")


class Forgetful(BaseNotifier):
    def __init__(self, token: str) -> None:
        super().__init__()


def told(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


@pytest.fixture
def moved(connection: Callable[..., str], source_db: Database, target_db: Database) -> Sync:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    sync = shop.sync(source_db, target_db)
    shop.move(sync)
    return sync


@pytest.mark.parametrize("form", [Postcard, Telegram, lambda file: AsyncCallback(Telegram, {"file": file})])
async def test_any_notifier_is_stored_as_plain_data_and_tells(
    form: Callable[..., Any], tmp_path: Path
) -> None:
    stored = json.loads(json.dumps(documents([form(file=str(tmp_path / "told"))])))
    assert await deliver(stored, {"kind": "slot", "state": "alert"})
    assert told(tmp_path / "told") == ["slot alert"]


def test_a_notifier_that_can_not_be_stored_is_refused_while_the_dag_file_is_read() -> None:
    with pytest.raises(ConfigError, match="AsyncCallback"):
        documents([Forgetful("s3cret")])
    with pytest.raises(ConfigError, match="no notifier"):
        documents([print])


async def test_an_episode_is_told_once_by_whoever_sees_it_and_its_end_too(
    moved: Sync, tmp_path: Path
) -> None:
    stored = documents([Telegram(str(tmp_path / "told"))])
    sample = LagSample(datetime.now(UTC), 10, 1.0, 0, Lsn(10))
    async with Alarm.watching(moved, stored, _Log()) as one, Alarm.watching(moved, stored, _Log()) as other:
        assert one is not None
        assert other is not None
        await asyncio.gather(one.settle({"slot": "bad"}), other.settle({"slot": "bad"}))
        await one.settle({"slot": "bad"})
        assert told(tmp_path / "told") == ["slot alert"]
    async with Alarm.watching(moved, stored, _Log()) as later:
        assert later is not None
        await later.settle({"slot": "bad"})
        await later.look(sample, None)
        await later.settle({"slot": None})
        await later.settle({"slot": None})
    assert told(tmp_path / "told") == ["slot alert", "slot recovered"]


async def test_what_could_not_be_told_is_told_at_the_next_look(moved: Sync, tmp_path: Path) -> None:
    file = str(tmp_path / "told")
    async with Alarm.watching(moved, documents([Mute(file)]), _Log()) as alarm:
        assert alarm is not None
        await alarm.settle({"slot": "bad"})
    async with Alarm.watching(moved, documents([Telegram(file)]), _Log()) as alarm:
        assert alarm is not None
        await alarm.settle({"slot": "bad"})
    assert told(tmp_path / "told") == ["slot alert"]


def test_a_difference_is_told_and_so_is_its_end(
    airflow_database: None, moved: Sync, target_db: Database, tmp_path: Path
) -> None:
    with DAG("told") as dag:
        VerifyOperator(task_id="verify", config=shop.CONFIG, notifiers=[Postcard(str(tmp_path / "told"))])
    target_db.execute("UPDATE shop.orders SET total = total + 1 WHERE id = 7")
    for _ in range(2):
        assert run(dag) == {"verify": {"failed"}}
    target_db.execute("UPDATE shop.orders SET total = total - 1 WHERE id = 7")
    assert run(dag) == {"verify": {"success"}}
    assert told(tmp_path / "told") == ["verification alert", "verification recovered"]


def test_a_standard_dag_gives_its_notifiers_to_each_task(tmp_path: Path) -> None:
    config = {"sync_id": "s", "source": "a", "target": "b", "objects": {"schemas": ["public"]}}
    dag = sync_dag(config, dag_id="noted", notifiers=[Postcard(str(tmp_path / "told"))])
    for task_id in ("incremental", "verify", "start"):
        assert dag.task_dict[task_id].notifiers[0]["kwargs"]["file"] == str(tmp_path / "told")


class _Log:
    def warning(self, *_said: object) -> None:
        """Nobody listens."""
