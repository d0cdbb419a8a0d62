"""Keys whose equality is another than that of their bytes, or whose index is no B-tree."""

from __future__ import annotations

import psycopg
import pytest

from tests.databases import Database, Server, fresh_database
from tests.integration.replicated import assert_equal, catch_up, running_sync

TEMPORAL = """
    CREATE TABLE stay (room int4range, during daterange, guest text,
        PRIMARY KEY (room, during WITHOUT OVERLAPS));
    CREATE TABLE watch (room int4range NOT NULL, during daterange NOT NULL, guest text,
        UNIQUE (room, during WITHOUT OVERLAPS));
    ALTER TABLE watch REPLICA IDENTITY USING INDEX watch_room_during_key;
    CREATE TABLE whole (room int4range, during daterange, guest text,
        UNIQUE (room, during WITHOUT OVERLAPS));
    ALTER TABLE whole REPLICA IDENTITY FULL;
"""
ICU = """
    CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE TABLE by_word (word text COLLATE loose PRIMARY KEY, n int, other text COLLATE loose UNIQUE);
    CREATE TABLE words (word text COLLATE loose, n int);
    ALTER TABLE words REPLICA IDENTITY FULL;
"""


@pytest.mark.requires(target=18)
def test_keys_without_overlaps(target_server: Server, target_db: Database) -> None:
    with fresh_database(target_server, "temporal") as source:
        _run_temporal(source, target_db)


def _run_temporal(source: Database, target: Database) -> None:
    names = ("stay", "watch", "whole")
    rows = (
        "INSERT INTO {} SELECT int4range(n % 5, n % 5 + 1), daterange(date '2026-01-01' + n, "
        "date '2026-01-02' + n), 'guest ' || n FROM generate_series(0, 60) n"
    )
    sync = running_sync(source, target, TEMPORAL, ";".join(rows.format(name) for name in names))
    for name in names:
        source.execute(
            f"UPDATE {name} SET guest = 'moved in' WHERE during @> date '2026-01-05';"
            f"UPDATE {name} SET during = daterange(lower(during), upper(during) + 2) WHERE room @> 3;"
            f"DELETE FROM {name} WHERE room @> 2"
        )
        # One takes the place of others that leave it in the same transaction.
        source.execute(
            f"DELETE FROM {name} WHERE room @> 1 AND during <@ daterange('2026-01-01', '2026-01-20');"
            f"UPDATE {name} SET during = '[2026-01-02,2026-01-18)' "
            "WHERE room @> 1 AND during @> date '2026-01-22';"
            f"INSERT INTO {name} VALUES ('[1,2)', '[2026-06-01,2026-07-01)', NULL)"
        )
    catch_up(sync, source)
    assert_equal(source, target, names)


@pytest.mark.parametrize("most", [50_000, 1])
def test_nondeterministic_collations(source_db: Database, target_db: Database, most: int) -> None:
    try:
        for database in (source_db, target_db):
            database.execute("CREATE COLLATION probe (provider = icu, locale = 'und', deterministic = false)")
    except psycopg.errors.FeatureNotSupported:
        pytest.skip("needs servers with ICU, as those of `make servers` are")
    rows = """
        INSERT INTO by_word VALUES ('Apfel', 1, 'a'), ('birne', 2, 'b'), ('CITRUS', 3, 'c'),
            ('dattel', 4, 'd');
        INSERT INTO words VALUES ('Same', 1), ('same', 1), ('SAME', 1), ('other', 2)
    """
    sync = running_sync(source_db, target_db, ICU, rows, max_batch_changes=most)
    source_db.execute("UPDATE by_word SET word = 'aPFEL' WHERE n = 1")
    source_db.execute(
        "UPDATE by_word SET n = n + 10 WHERE word = 'BIRNE'; UPDATE by_word SET other = 'D' WHERE n = 4"
    )
    source_db.execute("DELETE FROM by_word WHERE n = 3; INSERT INTO by_word VALUES ('Citrus', 5, 'C')")
    source_db.execute(
        "UPDATE by_word SET other = 'x' WHERE n = 5; UPDATE by_word SET other = 'c' WHERE n = 1"
    )
    source_db.execute(
        "DELETE FROM words WHERE ctid = (SELECT ctid FROM words WHERE word COLLATE \"C\" = 'same')"
    )
    source_db.execute("UPDATE words SET n = 7 WHERE word COLLATE \"C\" = 'SAME'")
    catch_up(sync, source_db)
    assert_equal(source_db, target_db, ("by_word", "words"))
