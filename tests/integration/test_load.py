"""The full load on real servers: rows, snapshots, skipping, reloading."""

from __future__ import annotations

import logging

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.config import Objects
from airflow_adbsync.engine.errors import ConfigError, SyncUnknown
from airflow_adbsync.engine.events import Event, TableLoaded
from airflow_adbsync.engine.load import Bin, LoadPlan, load_bin, plan
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state.relations import RelationState
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify import raise_on_mismatch, verify
from tests.databases import Database
from tests.integration.started_sync import started_sync
from tests.segments import is_distributed

TWO_TABLES = """
    CREATE TABLE orders (id bigint PRIMARY KEY, note text);
    CREATE TABLE "Odd Name" ("Id" int, "select" text);
"""
ORDERS = QualifiedName("public", "orders")
ODD = QualifiedName("public", "Odd Name")


@pytest.fixture
def two_tables(source_db: Database, target_db: Database) -> Sync:
    source_db.execute(TWO_TABLES)
    target_db.execute(TWO_TABLES)
    source_db.execute("INSERT INTO orders SELECT n, 'note ' || n FROM generate_series(1, 5000) n")
    source_db.execute("""INSERT INTO "Odd Name" VALUES (1, NULL), (1, NULL), (2, '')""")
    return started_sync(source_db.endpoint, target_db.endpoint)


def states(target: Database, sync: Sync) -> dict[QualifiedName, RelationState]:
    with target.connect() as conn:
        return state.relations.read(conn, sync.sync_id)


def test_rows_arrive_and_the_state_says_so(
    two_tables: Sync, source_db: Database, target_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "airflow_adbsync")
    events: list[Event] = []

    (only,) = plan(two_tables).bins
    result = load_bin(two_tables, only, events.append)

    for table in ("orders", '"Odd Name"'):
        query = f"SELECT * FROM {table} ORDER BY 1, 2"
        assert target_db.fetch(query) == source_db.fetch(query)
    assert (result.rows, len(result.loaded), result.skipped) == (5003, 2, ())
    after = states(target_db, two_tables)
    assert (after[ORDERS].rows, after[ORDERS].generation) == (5000, 1)
    assert after[ORDERS].bytes == result.loaded[0].bytes > 5000 * 10
    assert after[ORDERS].snapshot
    assert after[ODD].snapshot
    assert {(type(event), event.table, event.rows) for event in events} == {
        (TableLoaded, "public.orders", 5000),
        (TableLoaded, 'public."Odd Name"', 3),
    }
    assert "Loaded public.orders: 5000 rows" in caplog.text


def test_loaded_tables_are_frozen_and_analyzed(two_tables: Sync, target_db: Database) -> None:
    load_bin(two_tables, plan(two_tables).bins[0])
    assert target_db.value("SELECT reltuples FROM pg_class WHERE relname = 'orders'") == 5000
    if is_distributed(target_db) or target_db.major < 14:
        return  # has no FREEZE, or one that marks no page
    # Without FREEZE no page is all-visible before the first VACUUM.
    assert target_db.value("SELECT relallvisible FROM pg_class WHERE relname = 'orders'") > 0


def test_a_loaded_table_is_left_alone(
    two_tables: Sync, source_db: Database, target_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "airflow_adbsync")
    (only,) = plan(two_tables).bins
    load_bin(two_tables, only)
    first = states(target_db, two_tables)
    target_db.execute("DELETE FROM orders WHERE id > 10")

    result = load_bin(two_tables, only)

    assert result.loaded == ()
    assert set(result.skipped) == {ORDERS, ODD}
    assert target_db.value("SELECT count(*) FROM orders") == 10
    assert states(target_db, two_tables) == first
    assert "public.orders is loaded already" in caplog.text


def test_reload_replaces_rows_and_snapshot(
    two_tables: Sync, source_db: Database, target_db: Database
) -> None:
    (only,) = plan(two_tables).bins
    load_bin(two_tables, only)
    first = states(target_db, two_tables)[ORDERS]
    source_db.execute("DELETE FROM orders WHERE id > 7")
    target_db.execute("INSERT INTO orders VALUES (-1, 'not of the source')")

    load_bin(two_tables, only, reload=True)

    again = states(target_db, two_tables)[ORDERS]
    assert target_db.fetch("SELECT id FROM orders ORDER BY id") == [(n,) for n in range(1, 8)]
    assert again.generation == first.generation + 1
    assert again.snapshot != first.snapshot
    assert again.rows == 7


def test_the_snapshot_tells_what_was_copied(
    two_tables: Sync, source_db: Database, target_db: Database
) -> None:
    """A transaction that is open during the load is not in the copy; one that ended before is."""
    with source_db.connect() as early, source_db.connect() as late:
        early_xid = early.execute("SELECT txid_current() % 4294967296").fetchone()
        with late.transaction():
            late.execute("INSERT INTO orders VALUES (9001, 'open')")
            late_xid = late.execute("SELECT txid_current() % 4294967296").fetchone()
            load_bin(two_tables, plan(two_tables).bins[0])
    assert early_xid
    assert late_xid
    snapshot = states(target_db, two_tables)[ORDERS].snapshot
    assert snapshot
    assert snapshot.sees(early_xid[0])
    assert not snapshot.sees(late_xid[0])
    assert target_db.value("SELECT count(*) FROM orders WHERE id = 9001") == 0


def test_the_plan_covers_each_table_once_and_travels_as_json(two_tables: Sync, source_db: Database) -> None:
    source_db.execute("CREATE TABLE later (id int)")
    made = plan(two_tables)
    assert sorted(table for bin_ in made.bins for table in bin_.tables) == [ODD, ORDERS]
    assert LoadPlan.from_json(made.to_json()) == made


def test_a_table_that_is_not_the_syncs_is_refused(two_tables: Sync, target_db: Database) -> None:
    with pytest.raises(ConfigError, match=r"public\.other is not a table of sync 'shop'"):
        load_bin(two_tables, Bin(0, (QualifiedName("public", "other"),), 0))


def test_an_unknown_sync_is_refused(two_tables: Sync, target_db: Database) -> None:
    with target_db.connect() as conn:
        state.syncs.forget(conn, two_tables.sync_id)
    with pytest.raises(SyncUnknown):
        plan(two_tables)
    with pytest.raises(SyncUnknown):
        load_bin(two_tables, Bin(0, (ORDERS,), 0))


def test_the_phase_is_done_when_the_last_bin_is(two_tables: Sync, target_db: Database) -> None:
    def phase() -> tuple[str, bool]:
        with target_db.connect() as conn:
            (run,) = state.phases.read(conn, two_tables.sync_id)
        return run.state, run.finished_at is not None

    load_bin(two_tables, Bin(0, (ORDERS,), 0))
    assert phase() == ("running", False)
    load_bin(two_tables, Bin(1, (ODD,), 0))
    assert phase() == ("done", True)


def test_partitions_come_through_the_root_and_children_by_themselves(
    source_db: Database, target_db: Database
) -> None:
    tables = """
        CREATE TABLE part (id int, at date) PARTITION BY RANGE (at);
        CREATE TABLE part_a PARTITION OF part FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE TABLE part_b PARTITION OF part FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
        CREATE TABLE parent (id int);
        CREATE TABLE child (extra text) INHERITS (parent);
    """
    source_db.execute(tables)
    target_db.execute(tables)
    source_db.execute("INSERT INTO part SELECT n, date '2020-06-01' + n FROM generate_series(1, 400) n")
    source_db.execute("INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 'x'), (3, 'y')")
    sync = started_sync(source_db.endpoint, target_db.endpoint)
    target_db.execute("INSERT INTO child VALUES (7, 'old'); INSERT INTO part VALUES (0, '2020-01-01')")

    for bin_ in plan(sync).bins:
        load_bin(sync, bin_)

    for query in ("tableoid::regclass::text, id FROM part", "tableoid::regclass::text, id FROM parent"):
        assert target_db.fetch(f"SELECT {query} ORDER BY 1, 2") == source_db.fetch(
            f"SELECT {query} ORDER BY 1, 2"
        )


def test_a_table_that_others_refer_to_is_reloaded_too(source_db: Database, target_db: Database) -> None:
    tables = """
        CREATE TABLE customer (id int PRIMARY KEY, boss int REFERENCES customer);
        CREATE TABLE bill (id int PRIMARY KEY, customer int REFERENCES customer);
    """
    source_db.execute(tables)
    target_db.execute(tables)
    source_db.execute("INSERT INTO customer VALUES (1, NULL), (2, 1); INSERT INTO bill VALUES (1, 1), (2, 2)")
    sync = started_sync(source_db.endpoint, target_db.endpoint)
    everything = Bin(0, (QualifiedName("public", "bill"), QualifiedName("public", "customer")), 0)

    load_bin(sync, everything)
    source_db.execute("DELETE FROM bill WHERE id = 2; DELETE FROM customer WHERE id = 2")
    load_bin(sync, everything, reload=True)

    assert target_db.fetch("SELECT id FROM bill") == [(1,)]
    assert target_db.fetch("SELECT id FROM customer") == [(1,)]


def test_triggers_of_the_target_stay_silent(source_db: Database, target_db: Database) -> None:
    for database in (source_db, target_db):
        database.execute("CREATE TABLE t (id int, at text); INSERT INTO t VALUES (1, 'source')")
    target_db.execute(
        """
        CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.at := 'trigger'; RETURN NEW; END $$;
        CREATE TRIGGER stamp BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp();
        """
    )
    sync = started_sync(source_db.endpoint, target_db.endpoint)
    load_bin(sync, plan(sync).bins[0])
    assert target_db.fetch("SELECT * FROM t") == [(1, "source")]


def test_tables_alone_can_be_selected(two_tables: Sync, source_db: Database, target_db: Database) -> None:
    sync = started_sync(source_db.endpoint, target_db.endpoint, Objects(tables=("public.orders",)))
    assert ORDERS in plan(sync).bins[0].tables


@pytest.mark.one_place(
    "a COPY of rows without columns never ends there; the schema phase refuses such a table"
)
def test_tables_with_nothing_to_copy_keep_their_number_of_rows(
    source_db: Database, target_db: Database
) -> None:
    tables = """
        CREATE TABLE no_columns ();
        CREATE TABLE only_generated (always int GENERATED ALWAYS AS (7) STORED);
        CREATE TABLE no_rows (id int);
    """
    source_db.execute(tables)
    target_db.execute(tables)
    for table in ("no_columns", "only_generated"):
        source_db.execute(f"INSERT INTO {table} DEFAULT VALUES")
        source_db.execute(f"INSERT INTO {table} DEFAULT VALUES")
    sync = started_sync(source_db.endpoint, target_db.endpoint)
    assert load_bin(sync, plan(sync).bins[0]).rows == 4
    assert target_db.fetch("SELECT always FROM only_generated") == [(7,), (7,)]
    assert target_db.value("SELECT count(*) FROM no_columns") == 2
    raise_on_mismatch(verify(sync))
