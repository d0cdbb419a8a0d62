"""Columns that a table gets on the source while it is replicated."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.errors import RelationDrifted
from tests.databases import Database
from tests.integration.replicated import assert_same, follow, running_sync

TABLE = "CREATE TABLE t (id int PRIMARY KEY, note text)"
ROWS = "INSERT INTO t SELECT n, 'row ' || n FROM generate_series(1, 10) n"


def test_new_columns_come_along_with_what_old_rows_have_in_them(
    source_db: Database, target_db: Database
) -> None:
    sync = running_sync(source_db, target_db, TABLE, ROWS, ddl="add_columns")
    source_db.execute("UPDATE t SET note = 'before' WHERE id = 1")
    source_db.execute(
        "ALTER TABLE t ADD COLUMN plain numeric(8, 2), ADD COLUMN filled text NOT NULL DEFAULT E'it''s\\n', "
        "ADD COLUMN list int[] DEFAULT '{1,2}'"
    )
    source_db.execute("ALTER TABLE t ALTER COLUMN list SET DEFAULT '{3}'")
    source_db.execute("UPDATE t SET plain = 1.5, filled = 'x' WHERE id < 4; INSERT INTO t (id) VALUES (11)")

    follow(sync)

    assert_same(source_db, target_db, "t")
    assert target_db.value("SELECT list FROM t WHERE id = 9") == [1, 2]
    assert target_db.value("SELECT list FROM t WHERE id = 11") == [3]
    target_db.execute("INSERT INTO t (id) VALUES (-1)")
    assert target_db.value("SELECT list FROM t WHERE id = -1") == [3]
    target_db.execute("DELETE FROM t WHERE id = -1")
    source_db.execute("ALTER TABLE t ADD COLUMN later date; UPDATE t SET later = '2026-01-01'")
    follow(sync)
    assert_same(source_db, target_db, "t")


def test_a_transaction_that_writes_before_and_after_it_adds_a_column(
    source_db: Database, target_db: Database
) -> None:
    sync = running_sync(source_db, target_db, TABLE, ROWS, ddl="add_columns")
    source_db.execute(
        "BEGIN; UPDATE t SET note = 'x' WHERE id = 2; INSERT INTO t VALUES (20, 'early');"
        "ALTER TABLE t ADD COLUMN n int DEFAULT 7; UPDATE t SET n = 8 WHERE id = 3; COMMIT"
    )

    follow(sync)

    assert_same(source_db, target_db, "t")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ADD COLUMN n serial", "filled for the rows"),
        ("ADD COLUMN n timestamptz DEFAULT clock_timestamp()", "filled for the rows"),
        ("ADD COLUMN n int, DROP COLUMN note", "lacks columns there.*note"),
        ("RENAME COLUMN note TO n", "lacks columns there.*note"),
    ],
)
def test_what_can_not_be_carried_stops_the_sync_at_the_last_whole_transaction(
    change: str, said: str, source_db: Database, target_db: Database
) -> None:
    sync = running_sync(source_db, target_db, TABLE, ROWS, ddl="add_columns", retry_for="2s")
    source_db.execute("UPDATE t SET note = 'before' WHERE id = 1")
    source_db.execute(f"ALTER TABLE t {change}; INSERT INTO t (id) VALUES (11)")

    with pytest.raises(RelationDrifted, match=said):
        follow(sync)

    assert target_db.fetch("SELECT count(*), min(note) FROM t") == [(10, "before")]


def test_unless_it_is_asked_for_a_new_column_is_an_error(source_db: Database, target_db: Database) -> None:
    sync = running_sync(source_db, target_db, TABLE, ROWS, retry_for="2s")
    source_db.execute("ALTER TABLE t ADD COLUMN n int; INSERT INTO t (id) VALUES (11)")

    with pytest.raises(RelationDrifted, match=r"lacks here: n.*ddl: add_columns"):
        follow(sync)
