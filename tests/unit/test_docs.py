"""What the docs show can be used as it stands: configurations, links, commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("docker/*.md")]
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WHOLE = {"sync_id": "docs", "source": "a", "target": "b", "objects": {"schemas": ["shop"]}}


def blocks(language: str) -> list[tuple[str, str]]:
    """Page and text of each block in a language."""
    return [
        (str(page.relative_to(ROOT)), text)
        for page in PAGES
        for kind, text in BLOCK.findall(page.read_text(encoding="utf-8"))
        if kind == language
    ]


def _named(found: list[tuple[str, str]]) -> list[Any]:
    return [pytest.param(text, id=f"{page}:{number}") for number, (page, text) in enumerate(found)]


def anchor(heading: str) -> str:
    """The name by which a heading is linked to."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("text", _named(blocks("yaml")))
def test_a_configuration_that_is_shown_is_one(text: str) -> None:
    shown = yaml.safe_load(text)
    assert isinstance(shown, dict)
    SyncConfig.model_validate({**WHOLE, **shown})


def test_one_that_is_none_would_be_noticed() -> None:
    assert len(blocks("yaml")) > 8
    with pytest.raises(ConfigError):
        SyncConfig.model_validate({**WHOLE, "load": {"max_task": 1}})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, place = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), link
        if place:
            headings = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert place in {anchor(heading) for heading in headings}, link


def test_the_index_knows_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = {link.partition("#")[0] for link in LINK.findall(index)}
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} <= linked
    assert {"reference/README.md", "decisions/README.md"} <= linked


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    linked = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert {page.name for page in folder.glob("[0-9]*.md")} <= linked


def test_every_example_dag_is_shown() -> None:
    shown = (ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")
    assert [path.name for path in (ROOT / "dags").glob("*.py") if f"dags/{path.name}" not in shown] == []


def test_commands_name_targets_that_are_there() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        name
        for page in PAGES
        for name in re.findall(r"(?:`|\$ |^    )make (\w+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {"demo", "test"} <= named <= targets
