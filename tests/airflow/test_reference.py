"""The pages that are made from docstrings are up to date, and what the docs show as Python runs."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.reference import classes, failures
from airflow_adbsync.reference.__main__ import pages
from tests.airflow.conftest import DAGS
from tests.unit.test_docs import ROOT, _named, blocks


@pytest.mark.parametrize("name", pages())
def test_a_page_is_up_to_date(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == pages()[name], "python -m airflow_adbsync.reference docs"


def test_no_page_is_left_over() -> None:
    there = {f"reference/{path.name}" for path in (ROOT / "docs" / "reference").iterdir()}
    assert there == {name for name in pages() if name.startswith("reference/")}


@pytest.mark.parametrize(
    "cls", [each for found in classes.documented().values() for each in found], ids=lambda cls: cls.__name__
)
def test_every_argument_says_what_it_means(cls: type) -> None:
    arguments = list(classes._arguments(cls))
    assert "config" in {argument.name for argument in arguments}
    assert [argument.name for argument in arguments if not argument.meaning] == []


def test_every_error_class_has_its_place() -> None:
    page = failures.page()
    kinds = {
        name
        for name, cls in AdbsyncError._types.items()
        if cls.__module__.startswith("airflow_adbsync.engine.")
    }
    assert len(kinds) > 30
    assert {name for name in kinds if f"\n## {name}\n" not in page} == set()
    assert "- Run the load phase to its end, then start incremental again." in page
    assert all(cls.__doc__ for cls in failures.classes())


@pytest.mark.parametrize("text", _named(blocks("python")))
def test_python_that_is_shown_runs(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DAGS)
    missing = [name for name in _imported(text) if not _is_there(name)]
    if missing:
        assert missing == ["airflow.providers.smtp.notifications.smtp"], (
            "a provider that is not installed here"
        )
        ast.parse(text)
        return
    # As a DAG file beside the examples: paths count from there.
    exec(compile(text, str(Path(DAGS, "shown.py")), "exec"), {"__name__": "shown"})


def _imported(text: str) -> list[str]:
    return [
        node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom) and node.module
    ]


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
