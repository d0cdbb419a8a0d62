"""The docs list the checks that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_adbsync.engine.model import Status
from airflow_adbsync.engine.precheck import CHECKS
from airflow_adbsync.engine.precheck.check import Check
from airflow_adbsync.engine.precheck.page import ends, page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date() -> None:
    written = (ROOT / "docs" / "prechecks.md").read_text(encoding="utf-8")
    assert written == page(), "python -m airflow_adbsync.engine.precheck.page > docs/prechecks.md"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_has_its_line(check: Check) -> None:
    (line,) = [line for line in page().splitlines() if line.startswith(f"| `{check.name}` |")]
    assert line.count("|") == 4


def test_how_a_check_can_end_is_read_from_its_code() -> None:
    said = {check.name: ends(check) for check in CHECKS}
    assert said["wal_level"] == Status.FAILED
    assert said["partitions"] == Status.ALERT
    assert said["replica_identity"] == "failed, alert"
    assert said["unsupported_objects"] == "failed, alert"
    assert said["keys"] == ""


def test_readers_find_the_page() -> None:
    assert "docs/prechecks.md" in (ROOT / "README.md").read_text(encoding="utf-8")
