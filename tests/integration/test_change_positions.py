"""What the control schema tells of each table: up to where, and how many rows, replication has changed it."""

from __future__ import annotations

from tests.databases import Database
from tests.integration.replicated import catch_up, position, running_sync

TABLES = """
    CREATE TABLE public.orders (id int PRIMARY KEY, total int);
    CREATE TABLE public.items (id int PRIMARY KEY);
    CREATE TABLE public.still (id int PRIMARY KEY);
"""


def positions(target: Database) -> dict[str, tuple[str | None, int]]:
    query = "SELECT table_name, changed_lsn::text, changed_rows FROM adbsync.relation"
    return {name: (lsn, rows) for name, lsn, rows in target.fetch(query)}


def test_a_commit_moves_the_positions_of_the_tables_that_it_changed_and_no_others(
    source_db: Database, target_db: Database
) -> None:
    sync = running_sync(
        source_db, target_db, TABLES, "INSERT INTO orders SELECT n FROM generate_series(1, 9) n"
    )
    assert positions(target_db) == dict.fromkeys(("orders", "items", "still"), (None, 0))

    source_db.execute("UPDATE orders SET total = 1 WHERE id < 4")
    end = position(source_db)
    catch_up(sync, source_db)
    first = positions(target_db)
    assert first["orders"] == (str(end), 3)
    assert first["items"] == first["still"] == (None, 0)

    source_db.execute("INSERT INTO items VALUES (1), (2); TRUNCATE orders")
    catch_up(sync, source_db)
    second = positions(target_db)
    assert second["items"] == (second["orders"][0], 2)
    assert second["orders"][1] == 3
    assert target_db.value("SELECT bool_or(changed_lsn > %s::pg_lsn) FROM adbsync.relation", str(end))
    assert second["still"] == (None, 0)


def test_a_transaction_that_changes_nothing_in_the_end_moves_none(
    source_db: Database, target_db: Database
) -> None:
    sync = running_sync(source_db, target_db, TABLES)
    source_db.execute("BEGIN; INSERT INTO items VALUES (1); DELETE FROM items; COMMIT")
    catch_up(sync, source_db)
    assert positions(target_db)["items"] == (None, 0)
