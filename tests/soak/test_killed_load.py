"""A load of some minutes, killed at random moments."""

from __future__ import annotations

from pathlib import Path

from airflow_adbsync.local import LocalServer
from tests.databases import Database
from tests.integration.killed_load import load_under_kills


def test_a_load_that_is_killed_ten_times_is_exact_in_the_end(tmp_path: Path) -> None:
    with LocalServer(tmp_path / "source", 16) as there, LocalServer(tmp_path / "target", 18) as here:
        source = Database(there.create_database("source"))
        target = Database(here.create_database("target"))
        assert load_under_kills(source, target, kills=10, megabytes=60) > 3
