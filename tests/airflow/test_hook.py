"""Airflow's connections, read as endpoints."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Endpoint, TlsMode
from airflow_adbsync.hooks.adbsync import AdbsyncHook
from airflow_adbsync.hooks.sync import config_document, open_sync, read_config
from tests.databases import Database

SECRET = "pa55 w/ord:@%"


@pytest.fixture
def define(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AdbsyncHook]:
    def make(**changed: Any) -> AdbsyncHook:
        whole = {
            "conn_type": "adbsync",
            "host": "db.example.com",
            "port": 5433,
            "schema": "shop",
            "login": "mover",
            "password": SECRET,
            **changed,
        }
        document = {name: value for name, value in whole.items() if value is not None}
        monkeypatch.setenv("AIRFLOW_CONN_THERE", json.dumps(document))
        return AdbsyncHook("there")

    return make


@pytest.mark.parametrize("conn_type", ["adbsync", "postgres"])
def test_both_types_of_connection_are_read_alike(define: Callable[..., AdbsyncHook], conn_type: str) -> None:
    extra = {
        "sslmode": "verify-full",
        "sslrootcert": "/tls/root.crt",
        "sslcert": "/tls/mover.crt",
        "sslkey": "/tls/mover.key",
        "application_name": "night shift",
    }
    assert define(conn_type=conn_type, extra=extra).endpoint() == Endpoint(
        host="db.example.com",
        port=5433,
        database="shop",
        user="mover",
        password=SECRET,
        tls_mode=TlsMode.VERIFY_FULL,
        tls_root_cert="/tls/root.crt",
        tls_cert="/tls/mover.crt",
        tls_key="/tls/mover.key",
        application_name="night shift",
    )


def test_what_is_left_out_has_a_default(define: Callable[..., AdbsyncHook]) -> None:
    endpoint = define(port=None, password=None).endpoint()
    assert (endpoint.port, endpoint.password, endpoint.tls_mode) == (5432, None, None)
    assert endpoint.application_name == "adbsync"


def test_a_uri_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_THERE", "postgresql://mover:a%2Fb@db:6000/shop?sslmode=require")
    endpoint = AdbsyncHook("there").endpoint()
    assert (endpoint.host, endpoint.port, endpoint.password) == ("db", 6000, "a/b")
    assert endpoint.tls_mode is TlsMode.REQUIRE


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"conn_type": "mysql"}, "'mysql'.*type adbsync or postgres"),
        ({"schema": None}, "no Database"),
        ({"host": None}, "no Host"),
        ({"login": None}, "no User"),
        ({"extra": {"sslmode": "on"}}, "sslmode is 'on'.*verify-full"),
    ],
)
def test_what_can_not_be_used_is_named(
    define: Callable[..., AdbsyncHook], changed: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ConfigError, match=f"'there'.*{complaint}") as raised:
        define(**changed).endpoint()
    assert SECRET not in str(raised.value)


def test_extras_that_are_not_used_are_named_without_their_values(
    define: Callable[..., AdbsyncHook], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(AdbsyncHook, "log", _Log(said))
    define(extra={"cursor": "dictcursor", "passfile": SECRET}).endpoint()
    define(conn_type="postgres", extra={"cursor": "dictcursor"}).endpoint()
    assert said == ["Connection 'there': these extras are not used: cursor, passfile"]


class _Log:
    def __init__(self, said: list[str]) -> None:
        self._said = said

    def warning(self, text: str, *values: object) -> None:
        self._said.append(text % values)


def test_the_event_loops_way_gives_the_same(define: Callable[..., AdbsyncHook]) -> None:
    hook = define(extra={"sslmode": "require"})
    assert asyncio.run(hook.aendpoint()) == hook.endpoint()


def test_the_button_says_what_it_found(connection: Callable[..., str], source_db: Database) -> None:
    hook = AdbsyncHook(connection("there", source_db.endpoint))
    well, message = hook.test_connection()
    assert well, message
    assert message.startswith("Connected: PostgreSQL")


def test_the_button_says_why_it_failed(connection: Callable[..., str]) -> None:
    connection("there", Endpoint(host="127.0.0.1", port=9, database="shop", user="mover", password=SECRET))
    well, message = AdbsyncHook("there").test_connection()
    assert not well
    assert "127.0.0.1:9" in message
    assert SECRET not in message


def test_it_gives_an_open_connection(connection: Callable[..., str], source_db: Database) -> None:
    with AdbsyncHook(connection("there", source_db.endpoint)).get_conn() as conn:
        assert isinstance(conn, psycopg.Connection)
        assert conn.execute("SELECT current_database()").fetchone() == (source_db.endpoint.database,)


CONFIG = {"sync_id": "shop", "source": "a", "target": "b", "objects": {"schemas": ["public"]}}


def test_a_configuration_comes_in_many_forms(tmp_path: Any) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(json.dumps(CONFIG), encoding="utf-8")
    read = read_config(CONFIG)
    assert read_config(path) == read_config(str(path)) == read_config(read) == read
    assert config_document(read) == CONFIG


def test_connections_can_be_chosen_anew(connection: Callable[..., str], source: Endpoint) -> None:
    connection("here", source)
    connection("there", Endpoint(host="h", database="d", user="u"))
    sync = open_sync(CONFIG, source_conn_id="here", target_conn_id="there")
    assert sync.source == source
    assert sync.target.host == "h"
    assert (sync.config.source, sync.config.target) == ("here", "there")


def test_one_database_for_both_is_refused(connection: Callable[..., str], source: Endpoint) -> None:
    with pytest.raises(ConfigError, match="same database"):
        open_sync(CONFIG, connection("here", source), connection("there", source))
