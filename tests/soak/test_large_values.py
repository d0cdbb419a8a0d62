"""Values of 100 MB of several types, each in the binary and the text form."""

from __future__ import annotations

from tests.databases import Database
from tests.integration.large_values import ARRAY, BYTEA, HUNDRED, JSONB, TEXT, load_values


def test_values_of_100_mb_of_every_kind(source_db: Database, target_db: Database) -> None:
    every = [BYTEA, TEXT, ARRAY, JSONB]
    sent, peak = load_values(source_db, target_db, {"in_binary": every, "in_text": every})

    assert sent > 8 * HUNDRED
    # A bytea's text form is twice as long as it is.
    assert peak < 3 * 2 * HUNDRED
