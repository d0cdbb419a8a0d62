"""The registry holds every check, once, and every query is asked."""

from __future__ import annotations

import re
from pathlib import Path

from airflow_adbsync.engine import precheck

PACKAGE = Path(precheck.__file__).parent


def test_every_file_is_registered() -> None:
    files = {path.stem for path in (PACKAGE / "checks").glob("*.py")} - {"__init__"}
    registered = re.findall(r"(\w+)\.CHECK\b(?!S)", (PACKAGE / "registry.py").read_text())
    assert sorted(registered) == sorted(files)


def test_names_are_unique_and_plain() -> None:
    names = [check.name for check in precheck.CHECKS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z_]+", name) for name in names)


def test_every_query_is_asked_by_a_check() -> None:
    text = "".join(path.read_text() for path in (PACKAGE / "checks").glob("*.py"))
    asked = set(re.findall(r'\.rows?\(\s*"(\w+)"', text))
    asked |= {"settings", "bandwidth_table", "bandwidth_read", "bandwidth_write"}  # asked beside the checks
    assert asked == {path.stem for path in (PACKAGE / "sql").glob("*.sql")}
