"""A load whose process is killed again and again; the long form is in tests/soak."""

from __future__ import annotations

from tests.databases import Database
from tests.integration.killed_load import load_under_kills


def test_a_killed_load_is_exact_in_the_end(source_db: Database, target_db: Database) -> None:
    assert load_under_kills(source_db, target_db, kills=2, megabytes=16) > 0
