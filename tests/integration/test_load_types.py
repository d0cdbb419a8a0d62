"""Values arrive as they were, by the binary and by the text form."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest

from airflow_adbsync.engine.load import load_bin, plan
from airflow_adbsync.engine.verify import raise_on_mismatch, verify
from tests.databases import Database
from tests.integration.started_sync import started_sync

SQL = Path(__file__).parent / "sql"
EVERY_TYPE = (SQL / "every_type.sql").read_text()
ROWS = (SQL / "every_type_rows.sql").read_text()
# Their binary forms carry oids of the source's catalog, or can't be read back by the server itself (tsquery).
NOT_PORTABLE = ("moos", "plas", "cls", "tsq")
AS_TEXT = "SELECT t::text FROM every_type t ORDER BY id"


@pytest.fixture
def filled(source_db: Database, target_db: Database) -> None:
    source_db.execute(EVERY_TYPE + ROWS)
    # Other oids for the user's types than the source has.
    target_db.execute("CREATE TYPE earlier AS ENUM ()")
    target_db.execute(EVERY_TYPE)


@pytest.mark.requires(source=14, target=14)  # multiranges
@pytest.mark.parametrize("form", ["text", "binary"])
def test_every_type(
    filled: None, source_db: Database, target_db: Database, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "airflow_adbsync.engine.load")
    if form == "binary":
        for database in (source_db, target_db):
            for column in NOT_PORTABLE:
                database.execute(f"ALTER TABLE every_type DROP COLUMN {column}")
    sync = started_sync(source_db.endpoint, target_db.endpoint)

    load_bin(sync, plan(sync).bins[0])

    assert re.findall(r"public\.every_type is copied as (\w+)", caplog.text) == [form]
    assert target_db.fetch(AS_TEXT) == source_db.fetch(AS_TEXT)
    (result,) = verify(sync)
    raise_on_mismatch([result])
    assert result.source_rows == source_db.value("SELECT count(*) FROM every_type") > 20


@pytest.mark.parametrize("encoding", ["LATIN1", "EUC_JP"])
def test_another_encoding(source_db: Database, target_db: Database, encoding: str) -> None:
    name = f"{source_db.endpoint.database}_{encoding.lower()}"
    source_db.execute(
        f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    )
    try:
        other = Database(replace(source_db.endpoint, database=name))
        text = "Zürich ©" if encoding == "LATIN1" else "日本語"
        for database in (other, target_db):
            database.execute("CREATE TABLE t (id int, place text)")
        other.execute("INSERT INTO t VALUES (1, %s), (2, NULL)", text)
        sync = started_sync(other.endpoint, target_db.endpoint)
        load_bin(sync, plan(sync).bins[0])
        assert target_db.value("SELECT place FROM t WHERE id = 1") == text
        raise_on_mismatch(verify(sync))
    finally:
        source_db.execute(f"DROP DATABASE {name} WITH (FORCE)")
