"""A bytea and a text of 100 MB, in the binary and the text form; tests/soak has more of them."""

from __future__ import annotations

from tests.databases import Database
from tests.integration.large_values import BYTEA, HUNDRED, TEXT, load_values


def test_values_of_100_mb_and_none(source_db: Database, target_db: Database) -> None:
    sent, peak = load_values(source_db, target_db, {"in_binary": [BYTEA], "in_text": [TEXT]})

    # Three of four characters of the text are escaped.
    longest = HUNDRED * 7 // 4
    assert sent > HUNDRED + longest
    assert peak < 3 * longest
