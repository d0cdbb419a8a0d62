"""Embedded servers, as far as they can be thought through without starting one."""

from __future__ import annotations

import importlib.util
import platform

import pytest

from airflow_adbsync.local import ServerUnavailable
from airflow_adbsync.local.binaries import installed
from airflow_adbsync.local.settings import configuration


def _lines(**options: object) -> set[str]:
    chosen = {"port": 20001, "durable": True, "settings": {}, **options}
    return set(configuration(**chosen).splitlines())  # type: ignore[arg-type]


def test_the_callers_setting_wins_but_not_over_the_port() -> None:
    lines = _lines(settings={"max_wal_senders": "3", "port": "5432"})
    assert "max_wal_senders = '3'" in lines
    assert "port = '20001'" in lines
    assert "port = '5432'" not in lines


def test_quotes_and_backslashes_are_doubled() -> None:
    assert r"search_path = 'it''s \\ here'" in _lines(settings={"search_path": r"it's \ here"})


def test_only_a_server_that_need_not_be_durable_goes_without_fsync() -> None:
    assert "fsync = 'off'" not in _lines()
    assert "fsync = 'off'" in _lines(durable=False)
    assert not [line for line in _lines(durable=False) if line.startswith("synchronous_commit")]


def test_a_missing_wheel_names_the_platform_and_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ServerUnavailable) as caught:
        installed(16)
    assert platform.machine() in caught.value.what
    assert "airflow-provider-adbsync[local]" in caught.value.remedy
    assert "ADBSYNC_TEST_SOURCE" in caught.value.remedy


def test_a_version_that_there_is_not() -> None:
    with pytest.raises(ServerUnavailable, match="no embedded PostgreSQL 17"):
        installed(17)


def test_a_missing_program_is_named() -> None:
    with pytest.raises(ServerUnavailable, match="PostgreSQL 16 has no program pg_teleport"):
        installed(16).path("pg_teleport")
