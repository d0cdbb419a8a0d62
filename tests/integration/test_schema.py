"""The schema phase between two servers."""

from __future__ import annotations

import threading
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest

from airflow_adbsync.engine import schema, state
from airflow_adbsync.engine.config import LoadOptions, Objects, SyncConfig
from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.errors import StatementFailed
from airflow_adbsync.engine.model import Endpoint, Finding, QualifiedName
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.dumps import schema_of

SQL = Path(__file__).parent / "sql"
EVERYTHING = Objects(schemas=("shop", "Odd.Schema"), tables=("aux.grandchild",))
NOT_ALL = (
    "every_object.sql has keys and constraints that these refuse; test_segments_schema has what they take"
)


def sync(source: Endpoint, target: Endpoint, objects: Objects | None = None) -> Sync:
    config = SyncConfig(
        sync_id="schema",
        source="a",
        target="b",
        objects=objects or Objects(schemas=("public",)),
        load=LoadOptions(retry_for=60),
    )
    return Sync(config, source, target)


def unsupported(source: Database, target: Database) -> tuple[Finding, ...]:
    with connect(source.endpoint) as here, connect(target.endpoint) as there:
        config = SyncConfig(sync_id="s", source="a", target="b", objects=Objects(schemas=("public",)))
        return schema.unsupported(here, there, config)


def errors(target: Database) -> dict[str, str]:
    return dict(target.fetch("SELECT object, error FROM adbsync.statement WHERE error IS NOT NULL"))


def wait_until(database: Database, query: str, *parameters: object) -> None:
    with database.connect(statement_timeout="20s") as conn:
        while not conn.execute(query, parameters or None).fetchall():  # type: ignore[call-overload]
            conn.execute("SELECT pg_sleep(0.02)")


WAITS_FOR_LOCK = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'adbsync.statement'
"""


@pytest.mark.requires(source=14)  # a procedure's arguments are written otherwise before
@pytest.mark.requires(target=15)  # what every_object.sql has
@pytest.mark.one_place(NOT_ALL)
def test_everything_arrives_as_it_was(source_db: Database, target_db: Database) -> None:
    source_db.psql_file(SQL / "every_object.sql")
    this = sync(source_db.endpoint, target_db.endpoint, EVERYTHING)

    created, finished = schema.create(this), schema.finish(this)

    assert schema_of(target_db) == schema_of(source_db)
    assert not created.left_out
    assert not finished.postponed
    assert created.ran > 50
    assert finished.ran > 50


@pytest.mark.requires(target=15)  # what every_object.sql has
@pytest.mark.one_place(NOT_ALL)
def test_tables_take_rows_before_their_keys_and_indexes(source_db: Database, target_db: Database) -> None:
    source_db.psql_file(SQL / "every_object.sql")
    schema.create(sync(source_db.endpoint, target_db.endpoint, EVERYTHING))

    assert target_db.value("SELECT count(*) FROM pg_index WHERE indrelid = 'shop.customer'::regclass") == 0
    target_db.execute("INSERT INTO shop.customer (email) VALUES ('A'), ('A')")
    assert target_db.fetch("SELECT id, lowered, m, code FROM shop.customer ORDER BY id") == [
        (100, "a", "ok", "C20"),
        (110, "a", "ok", "C30"),
    ]
    target_db.execute(
        "INSERT INTO shop.event (at, payload) VALUES ('2024-05-05', DEFAULT), ('1999-09-09', 'x')"
    )
    assert target_db.fetch("SELECT tableoid::regclass::text FROM shop.event ORDER BY 1") == [
        ("shop.event_2024_low",),
        ("shop.event_rest",),
    ]


@pytest.mark.requires(target=15)  # what every_object.sql has
@pytest.mark.one_place(NOT_ALL)
def test_a_second_run_does_nothing(source_db: Database, target_db: Database) -> None:
    source_db.psql_file(SQL / "every_object.sql")
    this = sync(source_db.endpoint, target_db.endpoint, EVERYTHING)
    schema.create(this)
    finished = schema.finish(this)

    again, finished_again = schema.create(this), schema.finish(this)

    assert again.ran == 0
    assert (again.changed, finished_again.changed) == ((), ())
    assert (finished_again.ran, finished_again.already) == (0, finished.ran)


def test_what_was_changed_on_the_source_meanwhile_is_named(source_db: Database, target_db: Database) -> None:
    source_db.execute("""
        CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (id int DEFAULT f());
        CREATE INDEX i ON t (id); CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1'
    """)
    this = sync(source_db.endpoint, target_db.endpoint)
    schema.create(this)
    schema.finish(this)
    source_db.execute("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'")
    source_db.execute("DROP INDEX i; CREATE INDEX i ON t (id DESC)")

    created, finished = schema.create(this), schema.finish(this)

    assert created.changed == ("function public.f()",)
    assert finished.changed == ("index public.i",)
    assert target_db.value("SELECT f()") == 1


def _create(this: Sync) -> None:
    schema.create(this)


def test_killed_in_the_middle_of_a_statement_and_run_again(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int); CREATE TABLE c (id int)")
    this = sync(source_db.endpoint, target_db.endpoint)
    with connect(target_db.endpoint) as conn:
        state.ensure(conn)
        state.statements.record(conn, this.sync_id, "unrelated", "SELECT 1")
    with target_db.connect() as blocker, blocker.transaction():
        # The table is made, and the note that it is made has to wait: one transaction, not yet committed.
        blocker.execute("LOCK TABLE adbsync.statement IN EXCLUSIVE MODE")
        child = get_context("spawn").Process(target=_create, args=(this,))
        child.start()
        wait_until(target_db, WAITS_FOR_LOCK)
        child.kill()
        child.join()
    wait_until(target_db, "SELECT WHERE NOT EXISTS (SELECT FROM pg_locks WHERE mode = 'RowExclusiveLock')")
    made = target_db.value("SELECT to_regclass('public.a') IS NOT NULL")
    noted = "SELECT EXISTS (SELECT FROM adbsync.statement WHERE object = 'table public.a')"
    assert made == target_db.value(noted)

    result = schema.create(this)
    schema.finish(this)

    assert result.ran + result.already == 3
    assert schema_of(target_db) == schema_of(source_db)


def test_a_lost_connection_is_opened_again(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE a (id int); CREATE TABLE b (id int)")
    this = sync(source_db.endpoint, target_db.endpoint)
    with connect(target_db.endpoint) as conn:
        state.ensure(conn)
    with target_db.connect() as blocker, blocker.transaction():
        blocker.execute("LOCK TABLE adbsync.statement IN EXCLUSIVE MODE")
        run = threading.Thread(target=_create, args=(this,))
        run.start()
        wait_until(target_db, WAITS_FOR_LOCK)
        blocker.execute(f"SELECT pg_terminate_backend(w.pid) FROM ({WAITS_FOR_LOCK}) w")
    run.join()

    assert schema_of(target_db) == schema_of(source_db)
    assert not errors(target_db)


@pytest.mark.requires(target=15)  # what every_object.sql has
@pytest.mark.one_place(NOT_ALL)
def test_two_runs_at_once_wait_for_each_other(source_db: Database, target_db: Database) -> None:
    source_db.psql_file(SQL / "every_object.sql")
    this = sync(source_db.endpoint, target_db.endpoint, EVERYTHING)
    runs = [threading.Thread(target=_create, args=(this,)) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()

    assert not errors(target_db)
    assert schema.create(this).ran == 0


@pytest.mark.one_place("a key that comes later finds its table DISTRIBUTED RANDOMLY")
def test_a_refused_statement_leaves_the_rest_and_is_mended(source_db: Database, target_db: Database) -> None:
    source_db.execute(
        """
        CREATE TABLE good (id int PRIMARY KEY, v int);
        CREATE TABLE twice (id int, v int);
        CREATE VIEW on_key AS SELECT v FROM good;
        """
    )
    this = sync(source_db.endpoint, target_db.endpoint)
    schema.create(this)
    source_db.execute("ALTER TABLE twice ADD PRIMARY KEY (id)")
    source_db.execute("CREATE VIEW by_key AS SELECT id, v FROM twice GROUP BY id")
    target_db.execute("INSERT INTO twice VALUES (1, 1), (1, 2)")

    with pytest.raises(StatementFailed) as error:
        schema.finish(this)

    assert (
        'ALTER TABLE ONLY "public"."twice" ADD CONSTRAINT "twice_pkey" PRIMARY KEY (id)' in error.value.what
    )
    assert "Key (id)=(1) is duplicated" in error.value.what
    assert (
        'view public.by_key: not tried: it needs primary key "twice_pkey" of public.twice' in error.value.what
    )
    assert list(errors(target_db)) == ['primary key "twice_pkey" of public.twice']
    assert target_db.value("SELECT to_regclass('public.good_pkey') IS NOT NULL")
    assert target_db.value("SELECT to_regclass('public.on_key') IS NOT NULL")

    target_db.execute("DELETE FROM twice WHERE v = 2")
    schema.finish(this)

    assert schema_of(target_db) == schema_of(source_db)
    assert not errors(target_db)


def test_a_table_that_the_target_has_already_is_left_alone(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE a (id int); CREATE TABLE b (id int)")
    target_db.execute("CREATE TABLE a (mine text)")
    this = sync(source_db.endpoint, target_db.endpoint)

    with pytest.raises(StatementFailed) as error:
        schema.create(this)

    assert "table public.a" in error.value.what
    assert error.value.remedy.startswith("Drop or rename what the target has")
    assert target_db.value("SELECT to_regclass('public.b') IS NOT NULL")
    assert target_db.fetch("SELECT mine FROM a") == []


def test_a_function_that_the_target_has_already_is_not_replaced(
    source_db: Database, target_db: Database
) -> None:
    source_db.execute("CREATE TABLE a (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    target_db.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'")

    with pytest.raises(StatementFailed):
        schema.create(sync(source_db.endpoint, target_db.endpoint))

    assert target_db.value("SELECT f()") == 2


@pytest.mark.one_place("foreign keys are not enforced")
def test_a_foreign_key_waits_until_the_rows_it_refers_to_have_come(
    source_db: Database, target_db: Database
) -> None:
    """Tables are read at different moments: until replication catches up, a child may be ahead."""
    source_db.execute(
        """
        CREATE TABLE parent (id int PRIMARY KEY);
        CREATE TABLE child (id int REFERENCES parent);
        CREATE TABLE parted (id int REFERENCES parent) PARTITION BY RANGE (id);
        CREATE TABLE part PARTITION OF parted DEFAULT;
        """
    )
    this = sync(source_db.endpoint, target_db.endpoint)
    schema.create(this)
    target_db.execute("INSERT INTO child VALUES (1); INSERT INTO parted VALUES (2)")

    finished = schema.finish(this)

    assert set(finished.postponed) == {
        'validation of foreign key "child_id_fkey" of public.child',
        'foreign key "parted_id_fkey" of public.parted',
    }
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        target_db.execute("INSERT INTO child VALUES (3)")
    with pytest.raises(StatementFailed, match="is not present in table"):
        schema.validate(this)

    target_db.execute("INSERT INTO parent VALUES (1), (2)")
    assert schema.validate(this).ran == 2
    assert schema_of(target_db) == schema_of(source_db)


def test_only_the_tables_that_the_sync_started_with(source_db: Database, target_db: Database) -> None:
    source_db.execute(
        "CREATE TABLE a (id int); CREATE TABLE later (id int); CREATE VIEW v AS SELECT * FROM later"
    )
    this = sync(source_db.endpoint, target_db.endpoint)
    with connect(target_db.endpoint) as conn:
        state.ensure(conn)
        state.relations.enlist(conn, this.sync_id, [QualifiedName("public", "a")])

    result = schema.create(this)

    assert result.left_out == ("view public.v: it needs table public.later, which is not carried",)
    assert target_db.value("SELECT to_regclass('public.later') IS NULL")


def test_excluded_and_unselected_tables_take_their_own_along(
    source_db: Database, target_db: Database
) -> None:
    source_db.execute(
        """
        CREATE TABLE a (id serial PRIMARY KEY);
        CREATE TABLE excluded (id serial PRIMARY KEY, a int REFERENCES a);
        CREATE TABLE b (id int REFERENCES excluded);
        CREATE VIEW v AS SELECT * FROM excluded;
        CREATE FUNCTION f(excluded) RETURNS int LANGUAGE sql AS 'SELECT 1';
        """
    )
    objects = Objects(schemas=("public",), exclude=("public.excluded",))
    this = sync(source_db.endpoint, target_db.endpoint, objects)

    left_out = schema.create(this).left_out
    schema.finish(this)

    assert len(left_out) == 2
    found = target_db.fetch(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname"
    )
    assert [name for (name,) in found] == ["a", "a_id_seq", "a_pkey", "b"]


def test_an_extension_has_to_be_there_first(source_db: Database, target_db: Database) -> None:
    for database in (source_db, target_db):
        if not database.fetch("SELECT FROM pg_available_extensions WHERE name = 'vector'"):
            pytest.skip("needs the extension vector on both servers")
    source_db.execute(
        """
        CREATE EXTENSION vector;
        CREATE TABLE item (id int PRIMARY KEY, v vector(3), vs vector(3)[]);
        CREATE INDEX ON item USING hnsw (v vector_l2_ops);
        CREATE TABLE plain (id int);
        """
    )
    this = sync(source_db.endpoint, target_db.endpoint)
    (finding,) = unsupported(source_db, target_db)
    assert (finding.subject, "table public.item" in finding.found) == ("extension vector", True)

    with pytest.raises(StatementFailed, match=r'type "public\.vector" does not exist'):
        schema.create(this)
    assert target_db.value("SELECT to_regclass('public.plain') IS NOT NULL")

    target_db.execute("CREATE EXTENSION vector")
    assert unsupported(source_db, target_db) == ()
    schema.create(this)
    schema.finish(this)
    assert schema_of(target_db) == schema_of(source_db)


@pytest.mark.requires(source=14)  # a procedure's arguments are written otherwise before
@pytest.mark.requires(target=15)  # what every_object.sql has
@pytest.mark.one_place(NOT_ALL)
def test_a_plain_account_that_owns_its_database(source_db: Database, target_db: Database) -> None:
    source_db.psql_file(SQL / "every_object.sql")
    name = target_db.endpoint.database
    role = f"owner_of_{name}"
    target_db.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'pass'; ALTER DATABASE {name} OWNER TO {role}")
    plain = replace(target_db.endpoint, user=role, password="pass")
    try:
        this = sync(source_db.endpoint, plain, EVERYTHING)
        schema.create(this)
        schema.finish(this)
        assert schema_of(target_db) == schema_of(source_db)
    finally:
        target_db.execute(f"ALTER DATABASE {name} OWNER TO CURRENT_USER")
        target_db.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}")
