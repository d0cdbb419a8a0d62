"""A cut-over that is killed at each of its steps: run again it ends as it would have, or it is undone."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from airflow_adbsync.engine import cutover, load, precheck, schema
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.errors import NotFenced
from airflow_adbsync.engine.model import Status
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.killed_cutover import Mortal, Place
from tests.integration.prechecked import wrong
from tests.integration.replicated import assert_equal, begin, catch_up

SHOP = """
    CREATE TABLE item (id serial PRIMARY KEY, name text);
    CREATE TABLE sale (id int PRIMARY KEY, item int REFERENCES item);
    CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER stamp BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION stamp();
    INSERT INTO item (name) SELECT 'item ' || n FROM generate_series(1, 50) n;
    INSERT INTO sale SELECT n, n FROM generate_series(1, 50) n;
"""
STEPS = (
    Place("before", "cutover.switching", "fence"),
    Place("after", "state.fences", "plan"),
    Place("after", "cutover.fencing", "_put_up"),
    Place("before", "cutover.switching", "drain"),
    Place("before", "cutover.switching", "_verify"),
    Place("before", "cutover.switching", "set_sequences"),
    Place("after", "state.fences", "note_sequences"),
    Place("before", "cutover.switching", "activate"),
    Place("before", "cutover.switching", "begin_reverse"),
    Place("after", "slot", "create"),
    Place("before", "cutover.switching", "require_silence"),
    Place("before", "cutover.switching", "complete"),
    Place("after", "state.fences", "set_switched"),
)
ENDING = (
    Place("after", "state.fences", "set_switched"),
    Place("before", "state.fences", "set_opening"),
)
UNDOING = (
    Place("before", "cutover.aborting", "take_down"),
    Place("after", "cutover.aborting", "take_down"),
    Place("after", "cutover.aborting", "_restore_target"),
    Place("before", "state.fences", "forget"),
)
FENCED = """
    SELECT 'default_transaction_read_only=on' = ANY (setconfig) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND setrole = 0
"""
TARGET = """
    SELECT (SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'stamp'), s.last_value, s.is_called,
           (SELECT array_agg(slot_name::text) FROM pg_replication_slots WHERE database = current_database()),
           (SELECT array_agg(pubname::text) FROM pg_publication),
           (SELECT array_agg(relreplident::text) FROM pg_class WHERE relname IN ('item', 'sale'))
    FROM item_id_seq s
"""


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    source_db.execute(SHOP)
    config = SyncConfig.model_validate(
        {
            "sync_id": "moving",
            "source": "a",
            "target": "b",
            "objects": {"schemas": ["public"]},
            "incremental": {"retry_for": "20s"},
            "cutover": {"reverse": True},
        }
    )
    sync = Sync(config, source_db.endpoint, target_db.endpoint)
    begin(sync)
    schema.create(sync)
    for each in load.plan(sync).bins:
        load.load_bin(sync, each)
    schema.finish(sync)
    catch_up(sync, source_db)
    return sync


def test_run_again_after_each_kill_it_ends_exactly(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    with Mortal(sync) as mortal:
        # An abort that was killed is ended before anything else: by then the source had been written to.
        mortal.dies("switch", STEPS[-2])
        mortal.dies("abort", UNDOING[1])
        source_db.execute("INSERT INTO item (name) VALUES ('late')")
        for place in STEPS:
            mortal.dies("switch", place)
            _assert_told(sync, source_db)
    assert wrong(precheck.check(sync))["cutover"] is Status.FAILED
    made = cutover.switch(sync)
    assert made.back is not None
    assert 0 < made.seconds < 120
    assert cutover.take_over(sync).seconds == made.seconds
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        _write(source_db, "too late")
    assert_equal(source_db, target_db, ["item", "sale"])
    assert target_db.value("SELECT count(*) FROM item WHERE name = 'late'") == 1

    target_db.execute("INSERT INTO item (name) VALUES ('there'); UPDATE item SET name = 'x' WHERE id = 1")
    catch_up(made.back, target_db)
    with Mortal(made.back) as mortal:
        for place in (
            Place("after", "state.fences", "set_switched"),
            Place("before", "state.fences", "set_opening"),
        ):
            mortal.dies("switch", place)
    cutover.switch(made.back)
    _write(source_db, "back")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        _write(target_db, "too late")
    assert source_db.value("SELECT array_agg(name ORDER BY id) FROM item WHERE id = 1 OR id > 50") == [
        "x",
        "late",
        "there",
        "back",
    ]


def test_aborted_after_each_kill_both_sides_are_as_they_were(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    before = _standing(sync, source_db, target_db)
    assert before[0] == []
    with Mortal(sync) as mortal:
        for number, place in enumerate((*STEPS[::2], Place("after", "slot", "create"))):
            mortal.dies("switch", place)
            _assert_told(sync, source_db)
            if number:
                mortal.dies("abort", UNDOING[number % len(UNDOING)])
                with pytest.raises(NotFenced):
                    cutover.drain(sync)
            assert cutover.abort(sync)
            assert _standing(sync, source_db, target_db) == before, place
            _write(source_db, "between")
    catch_up(sync, source_db)
    assert_equal(source_db, target_db, ["item", "sale"])


def _assert_told(sync: Sync, source: Database) -> None:
    """A source that takes no writes is never without a note of what lets them in again."""
    if source.fetch(FENCED) == [(True,)]:
        found = cutover.find_fence(sync)
        assert found
        assert found.undo


def _standing(sync: Sync, source: Database, target: Database) -> tuple[Any, ...]:
    slots = source.fetch("SELECT slot_name FROM pg_replication_slots WHERE database = current_database()")
    noted = (cutover.find_reverse(sync), cutover.find_fence(sync))
    return source.fetch(FENCED), slots, target.fetch(TARGET), noted


def _write(database: Database, name: str) -> None:
    """As an application does, which keeps to the database's settings."""
    at = database.endpoint
    with psycopg.connect(
        host=at.host, port=at.port, dbname=at.database, user=at.user, password=at.password
    ) as application:
        application.execute("INSERT INTO item (name) VALUES (%s)", (name,))
