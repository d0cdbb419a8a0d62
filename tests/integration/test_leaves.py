"""Partitions that the source publishes one by one, as PostgreSQL 12 does; a newer one is told to."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.errors import RelationDrifted, TruncateRefused
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.replicated import assert_equal, assert_same, catch_up, load, running_sync

TABLES = """
    CREATE TABLE event (id int, at int, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (10);
    CREATE TABLE event_2 (note text, gone int, at int NOT NULL, id int NOT NULL);
    ALTER TABLE event_2 DROP gone;
    ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (10) TO (20);
"""
ROWS = "INSERT INTO event SELECT n, n % 20, 'first' FROM generate_series(1, 200) n"
# Rows go from leaf to leaf and back, and others take their keys, within one part.
MOVES = """
    UPDATE event SET at = at + 10 WHERE id % 3 = 0 AND at < 10;
    INSERT INTO event SELECT id, at - 10, 'again' FROM event WHERE id % 3 = 0 AND at >= 10
        ON CONFLICT DO NOTHING;
    DELETE FROM event WHERE id % 3 = 0 AND at >= 10;
    UPDATE event SET at = 19 - at, note = 'turned' WHERE id % 5 = 0;
    UPDATE event SET at = 19 - at WHERE id % 10 = 0;
"""
NEXT = "CREATE TABLE event_{0} PARTITION OF event FOR VALUES FROM ({0}0) TO ({0}9)"


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    sync = running_sync(source_db, target_db, TABLES, ROWS)
    if source_db.major >= 13:
        source_db.execute(f"ALTER PUBLICATION {sync.slot_name} SET (publish_via_partition_root = false)")
        source_db.execute(f"ALTER PUBLICATION {sync.slot_name} SET TABLE event_1, event_2")
    return sync


def test_rows_move_between_leaves_and_new_leaves_join(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    source_db.execute(MOVES)
    catch_up(sync, source_db)
    assert_equal(source_db, target_db, ["event"])

    for database in (source_db, target_db):
        database.execute(NEXT.format(3))
    catch_up(sync, source_db)
    source_db.execute("INSERT INTO event VALUES (1, 30, 'new leaf'); UPDATE event SET at = 31 WHERE id = 2")
    catch_up(sync, source_db)
    assert_equal(source_db, target_db, ["event"])

    source_db.execute("TRUNCATE event; INSERT INTO event VALUES (7, 7, 'after')")
    catch_up(sync, source_db)
    assert_equal(source_db, target_db, ["event"])


def test_a_leaf_that_was_filled_before_it_was_published_has_the_table_loaded_again(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    for database in (source_db, target_db):
        database.execute(NEXT.format(4))
    source_db.execute("INSERT INTO event VALUES (1, 40, 'unseen')")
    with pytest.raises(RelationDrifted, match=r"new partition public\.event_4"):
        catch_up(sync, source_db)

    start(sync)
    load(sync)
    source_db.execute("UPDATE event SET note = 'seen' WHERE at = 40")
    catch_up(sync, source_db)
    assert_equal(source_db, target_db, ["event"])


def test_a_truncate_of_one_leaf_stops_before_it(sync: Sync, source_db: Database, target_db: Database) -> None:
    source_db.execute("DELETE FROM event WHERE id = 1")
    source_db.execute("TRUNCATE event_2")
    with pytest.raises(TruncateRefused, match=r"single partitions of public\.event"):
        catch_up(sync, source_db)
    assert target_db.value("SELECT count(*) FROM event") == 199

    load(sync, reload=True)
    catch_up(sync, source_db)
    assert_same(source_db, target_db, "event")
