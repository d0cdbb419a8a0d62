"""Indexes of large tables are built side by side, and the log says how far they are."""

from __future__ import annotations

import logging
import re

import pytest

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.config import Objects, SyncConfig
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database

# The indexed function returns once it has seen two indexes being built; with the memory that is configured.
TABLES = """
    CREATE FUNCTION met(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('maintenance_work_mem') <> '9MB' THEN
            RAISE 'maintenance_work_mem is %', current_setting('maintenance_work_mem');
        END IF;
        FOR n IN 1..200 LOOP
            IF current_setting('adbsync.met', true) = 'yes' THEN
                RETURN $1;
            END IF;
            PERFORM pg_stat_clear_snapshot();
            IF (SELECT count(*) FROM pg_stat_progress_create_index) > 1 THEN
                PERFORM set_config('adbsync.met', 'yes', false), pg_sleep(0.5);
            END IF;
            PERFORM pg_sleep(0.02);
        END LOOP;
        RAISE 'alone';
    END $$;
    CREATE TABLE a (t text) WITH (fillfactor = 10);
    CREATE TABLE b (t text) WITH (fillfactor = 10);
    CREATE INDEX a_met ON a (met(t));
    CREATE INDEX b_met ON b (met(t));
"""
ROWS = "INSERT INTO {0} SELECT repeat('x', 700) FROM generate_series(1, 1000)"


def test_they_meet(source_db: Database, target_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    source_db.execute(TABLES)
    config = SyncConfig(
        sync_id="workers",
        source="a",
        target="b",
        objects=Objects(schemas=("public",)),
        schema={"index_workers": 2, "maintenance_work_mem": "9MB", "report_every": "100ms"},
    )
    this = Sync(config, source_db.endpoint, target_db.endpoint)
    schema.create(this)
    for table in "ab":
        target_db.execute(ROWS.format(table))

    with caplog.at_level(logging.INFO, logger="airflow_adbsync.engine.schema.watching"):
        schema.finish(this)

    assert (
        target_db.value("SELECT count(*) FROM pg_index WHERE indrelid IN ('a'::regclass, 'b'::regclass)") == 2
    )
    for name in ("a_met", "b_met"):
        said = rf"index public\.{name}: building index: scanning table, \d+ % of 1,000 blocks, for \d+ s\."
        assert re.search(said, caplog.text), caplog.text
