"""Sequences of real servers, of every origin."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.config import Objects
from airflow_adbsync.engine.errors import RelationDrifted
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sequences import SequenceAligned, align
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.started_sync import started_sync

SCHEMA = """
    CREATE SCHEMA tools;
    CREATE SEQUENCE tools.numbers;
    CREATE SEQUENCE tools.unrelated;
    CREATE TABLE a (id serial, n bigint DEFAULT nextval('tools.numbers'));
    CREATE TABLE b (id int GENERATED ALWAYS AS IDENTITY);
    CREATE TABLE excluded (id serial);
    CREATE SEQUENCE "Free one" AS smallint INCREMENT -5 MINVALUE -1000 MAXVALUE -1 START -10;
    CREATE SEQUENCE round MAXVALUE 3 CYCLE;
    CREATE SEQUENCE untouched START 42;
"""
OBJECTS = Objects(schemas=("public",), exclude=("public.excluded",))


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    source_db.execute(SCHEMA)
    target_db.execute(SCHEMA)
    return started_sync(source_db.endpoint, target_db.endpoint, OBJECTS)


def by_name(aligned: tuple[SequenceAligned, ...]) -> dict[str, SequenceAligned]:
    return {str(sequence.name): sequence for sequence in aligned}


def test_the_next_values_are_the_sources(sync: Sync, source_db: Database, target_db: Database) -> None:
    source_db.execute(
        """
        INSERT INTO a SELECT FROM generate_series(1, 50);
        INSERT INTO b SELECT FROM generate_series(1, 7);
        INSERT INTO excluded SELECT FROM generate_series(1, 7);
        SELECT nextval('"Free one"') FROM generate_series(1, 3);
        SELECT nextval('round') FROM generate_series(1, 2);
        SELECT nextval('tools.unrelated');
        """
    )

    aligned = by_name(align(sync))

    assert set(aligned) == {
        "public.a_id_seq",
        "public.b_id_seq",
        'public."Free one"',
        "public.round",
        "public.untouched",
        "tools.numbers",
    }
    for name in ("a_id_seq", "b_id_seq", '"Free one"', "round", "untouched", "tools.numbers"):
        query = f"SELECT nextval('{name}')"
        assert target_db.value(query) == source_db.value(query), name
    assert target_db.value("SELECT nextval('excluded_id_seq')") == 1
    assert aligned["public.a_id_seq"] == SequenceAligned(QualifiedName("public", "a_id_seq"), 51, 1, 51)
    assert not aligned["public.untouched"].moved


def test_again_changes_nothing_and_nothing_moves_back(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    source_db.execute("INSERT INTO a SELECT FROM generate_series(1, 50)")
    align(sync)
    target_db.execute("SELECT setval('b_id_seq', 1000)")

    again = align(sync)

    assert not any(sequence.moved for sequence in again)
    assert by_name(again)["public.b_id_seq"].after == 1001
    with target_db.connect() as conn:
        (run,) = state.phases.read(conn, sync.sync_id)
    assert (run.phase, run.state) == ("sequences", "done")


def test_an_identity_under_another_name_is_found_by_its_column(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    target_db.execute("ALTER SEQUENCE b_id_seq RENAME TO another_name")
    source_db.execute("INSERT INTO b SELECT FROM generate_series(1, 7)")
    aligned = by_name(align(sync))
    assert aligned["public.another_name"].after == 8
    assert target_db.value("INSERT INTO b DEFAULT VALUES RETURNING id") == 8


def test_missing_sequences_are_named_and_none_is_set(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    source_db.execute("INSERT INTO a SELECT FROM generate_series(1, 50)")
    target_db.execute('DROP SEQUENCE round; DROP SEQUENCE "Free one"')
    with pytest.raises(RelationDrifted, match=r'public\."Free one", public\.round'):
        align(sync)
    assert target_db.value("SELECT nextval('a_id_seq')") == 1


def test_a_narrower_target_is_refused_before_anything_is_set(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    source_db.execute("INSERT INTO a SELECT FROM generate_series(1, 50); SELECT setval('untouched', 500)")
    target_db.execute("ALTER SEQUENCE untouched MAXVALUE 100")
    with pytest.raises(RelationDrifted, match=r"public\.untouched .*501 is not between its bounds"):
        align(sync)
    assert target_db.value("SELECT nextval('a_id_seq')") == 1


def test_more_sequences_than_one_query_reads(source_db: Database, target_db: Database) -> None:
    many = "DO $$ BEGIN FOR n IN 1..450 LOOP EXECUTE 'CREATE SEQUENCE s' || n; END LOOP; END $$"
    for database in (source_db, target_db):
        database.execute("CREATE TABLE t (id int)")
        database.execute(many)
    source_db.execute("SELECT setval('s449', 77)")
    sync = started_sync(source_db.endpoint, target_db.endpoint)
    aligned = align(sync)
    assert len(aligned) == 450
    assert [str(sequence.name) for sequence in aligned if sequence.moved] == ["public.s449"]
    assert target_db.value("SELECT nextval('s449')") == 78
