"""A live Airflow with a running sync, one of 5,000 tables, one in trouble and one whose target is away."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from airflow_adbsync.engine import load, precheck, replica_identity, schema
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local.demo.stack import AirflowRest, AirflowSettings, AirflowStack
from tests.browser.made_up import loading, make_bad, make_big
from tests.browser.users import ADMIN, NOBODY, STRANGER, VIEWER
from tests.databases import Database, Server, fresh_database

ORDER = "INSERT INTO shop.orders (noted) SELECT md5(n::text) FROM generate_series(1, %s) AS n"
NAMES = (
    *("orders", "order_lines", "customers", "addresses", "products", "prices", "stock", "suppliers"),
    *("invoices", "payments", "refunds", "shipments", "parcels", "coupons", "reviews", "wishes"),
    *("carts", "sessions", "visits", "searches", "categories", "brands"),
)
SHOP = {
    "sync_id": "shop",
    "source": "shop_source",
    "target": "shop_target",
    "objects": {"schemas": ["shop", "Back Office"]},
    "incremental": {"sample_lag_every": "1s"},
}
DAGS = f"""
SHOP = {SHOP!r}
from airflow.sdk import DAG, chain

from airflow_adbsync import sync_dag
from airflow_adbsync.operators.incremental import IncrementalOperator
from airflow_adbsync.operators.sequences import SequenceOperator
from airflow_adbsync.operators.verify import VerifyOperator
from airflow_adbsync.sensors.replicated_up_to import ReplicatedUpToSensor

def config(sync_id, source, target):
    objects = {{"schemas": ["public"]}}
    return {{"sync_id": sync_id, "source": source, "target": target, "objects": objects}}

with DAG("shop_live", schedule=None, tags=["adbsync"]):
    chain(
        IncrementalOperator(task_id="incremental", config=SHOP, until="stopped"),
        VerifyOperator(task_id="verify", config=SHOP),
        SequenceOperator(task_id="sequences", config=SHOP),
    )
with DAG("etl", schedule=None):
    ReplicatedUpToSensor(task_id="gate", config=SHOP, at="2026-01-01T00:00:00+00:00")
big = sync_dag(config("big", "shop_source", "big_target"), dag_id="big_move")
away = sync_dag(config("away", "shop_source", "away_target"), dag_id="away_move")
bad = sync_dag(config("bad", "shop_source", "big_target"), dag_id="bad_move")
"""


class StageSettings(AirflowSettings):
    """Four users, and DAGs that one of them may not read."""

    def _sections(self) -> dict[str, dict[str, str]]:
        sections = super()._sections()
        users = f"{ADMIN}:admin,{VIEWER}:viewer,{STRANGER}:op,{NOBODY}:"
        auth = {
            "auth_manager": "tests.browser.entitlements.PerDagAuthManager",
            "simple_auth_manager_users": users,
        }
        return {**sections, "core": {**sections["core"], **auth}}


@dataclass
class Stage:
    """Where it is, and the way in for each user."""

    stack: AirflowStack
    source: Database
    target: Database
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.stack.settings.url

    def token(self, user: str) -> str:
        """What the user's browser keeps in its cookie."""
        if user not in self.tokens:
            self.tokens[user] = self._log_in(user)
        return self.tokens[user]

    def _log_in(self, user: str) -> str:
        rest = AirflowRest(self.url)
        rest.log_in(user, json.loads(self.stack.settings.password_file.read_text())[user])
        assert rest._token
        return rest._token

    def wait_for_replication(self) -> None:
        """Wait until changes are being applied."""
        deadline = time.monotonic() + 180
        query = "SELECT count(*) FROM adbsync.progress WHERE sync_id = 'shop' AND changes > 0"
        while not (self._has_control_schema() and self.target.value(query)):
            self.stack.check()
            assert time.monotonic() < deadline, "no change was applied in time"
            time.sleep(0.5)

    def _has_control_schema(self) -> bool:
        return bool(self.target.value("SELECT to_regclass('adbsync.progress') IS NOT NULL"))


@contextmanager
def stage(home: Path, source: Database, target: Database, server: Server) -> Iterator[Stage]:
    """Everything up, with customers who buy all the time."""
    dags = home / "dags"
    dags.mkdir()
    (dags / "syncs.py").write_text(DAGS, encoding="utf-8")
    _make_shop(source)
    with fresh_database(server, "airflow") as metadata, fresh_database(server, "big") as big:
        make_big(big, source)
        make_bad(big, source)
        stack = AirflowStack(
            StageSettings(
                home=home / "airflow",
                dags=dags,
                metadata=metadata.endpoint,
                port=_free_port(),
                unused_port=_free_port(),
            )
        )
        try:
            with ThreadPoolExecutor() as threads:
                moved = threads.submit(_move, source, target)
                stack.prepare()
                stack.start()
                stack.wait_until_ready("shop_live")
                moved.result()
            _connect(stack.rest, source.endpoint, target.endpoint, big.endpoint)
            stack.rest.trigger("shop_live")
            with _customers(source), loading(big):
                yield Stage(stack, source, target)
        finally:
            stack.stop()


def _move(source: Database, target: Database) -> None:
    """All phases up to incremental, by the engine alone: Airflow has one task left, and starts meanwhile."""
    sync = Sync(SyncConfig.model_validate(SHOP), source.endpoint, target.endpoint)
    precheck.record(sync, precheck.check(sync))
    replica_identity.prepare(sync)
    start(sync)
    schema.create(sync)
    for each in load.plan(sync).bins:
        load.load_bin(sync, each)
    schema.finish(sync)


def _connect(rest: AirflowRest, source: Endpoint, target: Endpoint, big: Endpoint) -> None:
    away = replace(target, port=_free_port(), database="away")
    endpoints = {"shop_source": source, "shop_target": target, "big_target": big, "away_target": away}
    for name, endpoint in endpoints.items():
        rest.add_connection(name, "adbsync", endpoint)


def _make_shop(source: Database) -> None:
    tables = [f"shop.{name}" for name in NAMES] + ['"Back Office"."Time Sheet"', '"Back Office".wages']
    source.execute('CREATE SCHEMA shop; CREATE SCHEMA "Back Office"')
    for number, table in enumerate(tables):
        rows = 400 * (number * number % 17 + 1)
        source.execute(
            f"""
            CREATE TABLE {table} (
                id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
                noted text NOT NULL, amount numeric(12, 2) NOT NULL DEFAULT 0
            );
            INSERT INTO {table} (noted) SELECT md5(n::text) FROM generate_series(1, {rows}) AS n
            """
        )


@contextmanager
def _customers(source: Database) -> Iterator[None]:
    """Who buy in waves, so that there is something to see."""
    over = threading.Event()

    def buy() -> None:
        with source.connect() as conn:
            wave = 0
            while not over.wait(0.15):
                wave += 1
                size = 40 + 35 * (wave // 20 % 4)
                conn.execute(
                    "INSERT INTO shop.orders (noted) SELECT md5(n::text) FROM generate_series(1, %s) AS n",
                    (size,),
                )
                conn.execute("UPDATE shop.stock SET amount = amount + 1 WHERE mod(id, 40) = %s", (wave % 40,))

    thread = threading.Thread(target=buy, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def skip_without(browser: str | None) -> None:
    """The tests of the page want a browser."""
    if browser is None:
        pytest.skip("needs Chromium: install the package chromium, or name it in ADBSYNC_CHROMIUM")
