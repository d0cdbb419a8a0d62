"""The page without a browser: before a sync starts, behind a prefix, of hostile names, of silent servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.connect import connect_async
from airflow_adbsync.engine.errors import ConnectionFailed, StatementFailed
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state import (
    Overview,
    TableLine,
    TablePage,
    TableQuestion,
    ensure,
    phases,
    read_overview,
    throttles,
)
from airflow_adbsync.engine.state.overview import PhaseThrottle
from airflow_adbsync.engine.state.verifications import TableVerification
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.throttle import Limits
from airflow_adbsync.plugin import actions, reading
from airflow_adbsync.plugin.reading import Answer, Readings
from airflow_adbsync.plugin.references import SyncReference, SyncTask
from tests.databases import Database

SYNC = SyncReference("move", "shop", "a", "b", (SyncTask("group.load", "load"),))
NOTHING: Answer[Any] = Answer((None, ()))
NO_TABLES: Answer[Any] = Answer(TablePage(TableQuestion(), 0, ()))
PAGE = "/airflow/adbsync/dags/move/syncs/shop"


@pytest.fixture
def page(airflow_database: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., TestClient]:
    """``page(state=..., tables=...)``: an application that gets these answers, for whoever comes."""
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser  # noqa: PLC0415 - as below

    from airflow_adbsync.plugin import access, app  # noqa: PLC0415 - costs seconds

    async def everything(*_: Any) -> set[str]:
        return {"move"}

    async def yes(*_: Any) -> bool:
        return True

    def make(state: Answer[Any] = NOTHING, tables: Answer[Any] = NO_TABLES) -> TestClient:
        async def answer(self: Readings, sync: SyncReference, asked: Any) -> Answer[Any]:
            return {timedelta: state, TableQuestion: tables}.get(
                type(asked), Answer(error=ConnectionFailed("No source."))
            )

        for name in ("state", "hold", "tables"):
            monkeypatch.setattr(Readings, name, answer)
        made = app.make_app()
        for each in (access.may_enter, access.may_read_dag, access.may_edit_dag):
            made.dependency_overrides[each.dependency] = lambda: None
        ada = SimpleAuthManagerUser(username="ada", role="admin")
        made.dependency_overrides[access.get_user] = lambda: ada
        outside = FastAPI(root_path="/airflow")
        outside.mount("/adbsync", made)
        return TestClient(outside, root_path="/airflow")

    monkeypatch.setattr(app.Registry, "of_dags", lambda self, dag_ids: [SYNC] if "move" in dag_ids else [])
    monkeypatch.setattr(access, "readable_dags", everything)
    monkeypatch.setattr(access, "may_edit", yes)
    return make


def test_before_the_start_it_says_what_to_do(page: Callable[..., TestClient]) -> None:
    answer = page(tables=Answer(error=StatementFailed("no such table"))).get(PAGE)
    assert answer.status_code == 200
    assert "Nothing on the target yet" in answer.text
    assert "Run the DAG move." in answer.text
    assert "no such table" not in answer.text
    assert "No source." in answer.text


def test_behind_a_prefix_every_address_has_it(page: Callable[..., TestClient]) -> None:
    text = page().get(PAGE).text
    assert 'href="/airflow/dags/move/tasks/group.load"' in text
    addresses = [
        part.split('"')[0] for mark in ('href="', 'src="', 'hx-get="') for part in text.split(mark)[1:]
    ]
    assert len(addresses) > 10
    assert [each for each in addresses if not each.startswith(("/airflow/", "data:"))] == []
    to_it = page().get("/airflow/adbsync/dags/move/tasks/group.load", follow_redirects=False)
    assert (to_it.status_code, to_it.headers["location"]) == (307, PAGE)


def test_names_are_text_and_nothing_else(page: Callable[..., TestClient]) -> None:
    evil = "<script>alert(1)</script>"
    line = TableLine(QualifiedName(evil, evil), True, 1, 1, 1.0, datetime.now(UTC), 0, None, None)
    found = Answer(TablePage(TableQuestion(text=evil), 1, (line,)))
    answer = page(tables=found).get(f"{PAGE}/tables", params={"text": evil})
    assert "&lt;script&gt;" in answer.text
    assert "<script>" not in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_a_throttle_in_force_is_shown(page: Callable[..., TestClient]) -> None:
    now = datetime.now(UTC)
    held = (PhaseThrottle("incremental", Limits(rows=1500, bytes=3e6)),)
    overview = Overview("shop", now, slot_name="adbsync_shop", created_at=now, throttles=held)
    text = page(state=Answer((overview, ()))).get(PAGE).text
    assert "Throttle in force" in text
    assert "1,500 rows/s" in text.replace("\u202f", ",").replace("\u2009", ",")


async def test_an_error_stays_in_sight_when_its_phase_has_run_again(
    page: Callable[..., TestClient], target_db: Database
) -> None:
    with target_db.connect() as conn:
        ensure(conn)
        for number in range(25):
            phases.started(conn, "shop", "load")
            phases.finished(conn, "shop", "load", f"Error {number}. What to do: Mend <it>.")
            conn.commit()
        phases.started(conn, "shop", "load")
        phases.finished(conn, "shop", "load")
    assert target_db.value("SELECT count(*) FROM adbsync.failure") == 20
    async with await connect_async(target_db.endpoint) as conn:
        overview = await read_overview(conn, "shop")
    text = page(state=Answer((overview, ()))).get(PAGE).text
    assert text.index("Error 24.") < text.index("Error 23.")
    assert "Error 14." not in text
    assert "Mend &lt;it&gt;." in text


async def test_a_pace_is_set_and_recorded(monkeypatch: pytest.MonkeyPatch, target_db: Database) -> None:
    with target_db.connect() as conn:
        ensure(conn)
    endpoints = Sync(
        SyncConfig(sync_id="shop", source="a", target="b", objects={"schemas": ["-"]}),
        replace(target_db.endpoint, database="elsewhere"),
        target_db.endpoint,
    )
    monkeypatch.setattr(actions, "_audit", lambda *_: None)
    monkeypatch.setattr(actions, "_open", lambda _: endpoints)

    notice = await actions.throttle(SYNC, "ada", "incremental", Limits(rows=500, bytes=2e6))

    assert notice.level == "info"
    with target_db.connect() as conn:
        assert throttles.limits(conn, "shop", "incremental") == Limits(rows=500, bytes=2e6)
    recorded = target_db.fetch("SELECT actor, action, detail FROM adbsync.action")
    assert recorded == [("ada", "throttle", "incremental: 500 rows a second, 2 MB a second")]


def test_the_verification_is_downloaded_as_csv(
    page: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = page()

    async def answer(self: Readings, sync: SyncReference) -> Answer[Any]:
        return Answer((TableVerification(QualifiedName("shop", "orders"), 3, 2, "1", "2"),))

    monkeypatch.setattr(Readings, "verifications", answer)
    found = client.get(f"{PAGE}/verification.csv")
    assert found.headers["content-type"].startswith("text/csv")
    assert "attachment" in found.headers["content-disposition"]
    assert "shop.orders" in found.text.splitlines()[1]


@pytest.mark.parametrize("said", [{"phase": "verify"}, {"phase": "load", "rows": "-1"}, {"rows": "1"}])
def test_a_pace_that_is_none_is_refused(page: Callable[..., TestClient], said: dict[str, str]) -> None:
    own = {"X-Adbsync-Action": "throttle", "Sec-Fetch-Site": "same-origin"}
    assert page().post(f"{PAGE}/throttle", data=said, headers=own).status_code == 422


def test_what_is_not_there_is_not_found(page: Callable[..., TestClient]) -> None:
    client = page()
    assert client.get("/airflow/adbsync/dags/move/syncs/other").status_code == 404
    assert client.get("/airflow/adbsync/static/../app.py").status_code == 404
    assert client.get("/airflow/adbsync/static/vendor/htmx.min.js").status_code == 200
    assert client.get(f"{PAGE}?window=1y").status_code == 422
    assert client.get(f"{PAGE}/tables?page=0").status_code == 422
    assert "No sync here" in client.get("/airflow/adbsync/dags/other").text
    assert client.post(f"{PAGE}/stop", headers={"X-Adbsync-Action": "x"}, data={"at": "nonsense"}).text.count(
        "is not an LSN"
    )


async def test_a_silent_server_is_asked_once_however_many_look(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def never(conn_id: str, ask: Any) -> Answer[Any]:
        asked.append(conn_id)
        await asyncio.sleep(60)
        return NOTHING

    monkeypatch.setattr(reading, "_ask_server", never)
    monkeypatch.setattr(reading, "_PATIENCE", 0.05)
    readings = Readings()
    answers = [await readings.hold(SYNC, "adbsync_shop") for _ in range(3)]
    assert asked == ["a"]
    assert all("has not answered" in str(each.error) for each in answers)
    for waiting in readings._asked.values():
        waiting.task.cancel()


async def test_an_answer_serves_all_who_ask_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def at_once(conn_id: str, ask: Any) -> Answer[Any]:
        asked.append(conn_id)
        return NOTHING

    monkeypatch.setattr(reading, "_ask_server", at_once)
    readings = Readings()
    hour = timedelta(hours=1)
    await asyncio.gather(*(readings.state(SYNC, hour) for _ in range(5)))
    await readings.state(SYNC, timedelta(hours=6))
    assert asked == ["b", "b"]
    monkeypatch.setattr(reading, "_FRESH", 0.0)
    await readings.state(SYNC, hour)
    assert asked == ["b", "b", "b"]
