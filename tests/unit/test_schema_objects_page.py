"""The docs say what the code carries."""

from __future__ import annotations

from pathlib import Path

from airflow_adbsync.engine.schema.kind import Kind
from airflow_adbsync.engine.schema.objects import CARRIED, NOT_CARRIED, page

ROOT = Path(__file__).resolve().parents[2]
_STAY = {Kind.FOREIGN_TABLE, Kind.TEXT_SEARCH_PARSER, Kind.TEXT_SEARCH_TEMPLATE}


def test_the_page_is_up_to_date() -> None:
    written = (ROOT / "docs" / "objects.md").read_text(encoding="utf-8")
    assert written == page(), "python -m airflow_adbsync.engine.schema.objects > docs/objects.md"


def test_every_kind_is_said_once() -> None:
    kinds = [kind for item in CARRIED for kind in item.kinds]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) == set(Kind) - _STAY


def test_everything_has_a_reason_and_a_remedy() -> None:
    assert all(item.reason and item.remedy for item in NOT_CARRIED)
    assert all("|" not in text for item in CARRIED for text in (item.name, item.what))


def test_readers_find_the_page() -> None:
    assert "docs/objects.md" in (ROOT / "README.md").read_text(encoding="utf-8")
