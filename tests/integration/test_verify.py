"""The verification on servers of different versions."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.config import Objects, VerifyOptions
from airflow_adbsync.engine.errors import RelationDrifted, RightMissing, SyncUnknown, VerificationMismatch
from airflow_adbsync.engine.events import Event, TableVerified
from airflow_adbsync.engine.model import Lsn, QualifiedName
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify import comparison, raise_on_mismatch, verify
from tests.databases import Database
from tests.integration.started_sync import started_sync

TABLES = """
    CREATE TABLE orders (id bigint, note text, total numeric GENERATED ALWAYS AS (id * 1.5) STORED);
    CREATE TABLE keyless (n int, t text);
"""
NO_TIME = VerifyOptions(settle=timedelta(0))


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    rows = """
        INSERT INTO orders SELECT n, 'note ' || n FROM generate_series(1, 1000) n;
        INSERT INTO keyless VALUES (1, NULL), (1, NULL), (1, ''), (NULL, NULL);
    """
    for database in (source_db, target_db):
        database.execute(TABLES + rows)
    return started_sync(source_db.endpoint, target_db.endpoint)


def set_progress(database: Database, sync: Sync, lsn: str) -> None:
    with database.connect() as conn:
        state.progress.begin(conn, sync.sync_id, Lsn.parse(lsn))
        conn.execute("UPDATE adbsync.progress SET lsn = %s::pg_lsn", (lsn,))


def test_equal_tables(sync: Sync, target_db: Database) -> None:
    # The order of rows and of columns on disk doesn't matter.
    target_db.execute("CREATE TABLE k AS TABLE keyless; TRUNCATE keyless")
    target_db.execute("INSERT INTO keyless SELECT * FROM k ORDER BY t NULLS FIRST; DROP TABLE k")
    events: list[Event] = []

    results = verify(sync, events.append)

    raise_on_mismatch(results)
    assert [(str(item.name), item.source_rows, item.target_rows) for item in results] == [
        ("public.keyless", 4, 4),
        ("public.orders", 1000, 1000),
    ]
    assert all(item.source_checksum not in {"0", ""} for item in results)
    assert sorted(events, key=str) == [
        TableVerified("public.keyless", 4, 4, True),
        TableVerified("public.orders", 1000, 1000, True),
    ]
    with target_db.connect() as conn:
        assert state.verifications.read(conn, sync.sync_id) == results
        (phase,) = state.phases.read(conn, sync.sync_id)
    assert (phase.phase, phase.state) == ("verify", "done")


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("UPDATE orders SET note = 'note 8' WHERE id = 7", "orders"),
        ("UPDATE orders SET note = NULL WHERE id = 7", "orders"),
        ("DELETE FROM orders WHERE id = 7", "orders"),
        # Two notes change places: each column's values are still the same as a set.
        ("UPDATE orders SET note = 'note ' || 15 - id WHERE id IN (7, 8)", "orders"),
        ("UPDATE keyless SET t = '' WHERE n IS NULL", "keyless"),
        ("DELETE FROM keyless WHERE n = 1 AND t IS NULL; INSERT INTO keyless VALUES (1, NULL)", "keyless"),
        ("INSERT INTO keyless VALUES (1, '')", "keyless"),
    ],
)
def test_every_kind_of_difference_is_seen(sync: Sync, target_db: Database, change: str, table: str) -> None:
    target_db.execute(change)
    results = verify(sync, options=NO_TIME)
    assert [item.name.name for item in results if not item.equal] == [table]
    with pytest.raises(VerificationMismatch, match=rf"1 of 2 tables differ: public\.{table}"):
        raise_on_mismatch(results)


def test_a_difference_without_replication_counts_at_once(sync: Sync, target_db: Database) -> None:
    target_db.execute("DELETE FROM orders WHERE id = 7")
    began = time.monotonic()
    results = verify(sync, options=VerifyOptions(settle=timedelta(minutes=1)))
    assert time.monotonic() - began < 20
    assert [item.behind for item in results] == [0, 0]


def test_lag_is_not_a_difference(sync: Sync, target_db: Database) -> None:
    set_progress(target_db, sync, "0/1")
    target_db.execute("DELETE FROM orders WHERE id = 7")

    def apply_late() -> None:
        target_db.execute(
            "INSERT INTO orders VALUES (7, 'note 7'); UPDATE adbsync.progress SET lsn = 'FFFF/0'"
        )

    events: list[Event] = []
    late = threading.Timer(0.7, apply_late)
    late.start()
    try:
        results = verify(sync, events.append, options=VerifyOptions(settle=timedelta(seconds=20)))
    finally:
        late.join()
    raise_on_mismatch(results)
    assert len(events) == 2


def test_rows_that_wait_in_vain_are_unsettled_and_the_distance_is_told(
    sync: Sync, target_db: Database
) -> None:
    set_progress(target_db, sync, "0/1")
    target_db.execute("DELETE FROM orders WHERE id = 7")
    results = verify(sync, options=VerifyOptions(settle=timedelta(seconds=1)))
    assert [(item.unsettled, item.missing_on_target) for item in results] == [(0, 0), (1, 0)]
    with pytest.raises(
        VerificationMismatch, match=r"1 could not be settled.*still ahead of the target, by \d+"
    ):
        raise_on_mismatch(results)


def test_missing_tables_and_columns_are_named(sync: Sync, target_db: Database) -> None:
    target_db.execute("ALTER TABLE orders DROP COLUMN note")
    with pytest.raises(RelationDrifted, match=r"public\.orders\.note"):
        verify(sync)
    target_db.execute("DROP TABLE orders")
    with pytest.raises(RelationDrifted, match=r"not on the target \(.*\): public\.orders\."):
        verify(sync)


def test_an_unknown_sync_is_refused(sync: Sync, target_db: Database) -> None:
    with target_db.connect() as conn:
        state.syncs.forget(conn, sync.sync_id)
    with pytest.raises(SyncUnknown):
        verify(sync)


@pytest.fixture
def sync_with_hidden_rows(source_db: Database, target_db: Database) -> Iterator[Sync]:
    """The source's account sees one row of two."""
    role = f"reader_{source_db.endpoint.database}"
    for database in (source_db, target_db):
        database.execute("CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2)")
    source_db.execute(
        f"""
        CREATE ROLE {role} LOGIN PASSWORD 'secret';
        GRANT SELECT ON t TO {role};
        ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY one ON t USING (id = 1);
        """
    )
    sync = started_sync(source_db.endpoint, target_db.endpoint)
    yield Sync(sync.config, replace(sync.source, user=role, password="secret"), sync.target)
    source_db.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_hidden_rows_are_an_error_not_a_smaller_count(sync_with_hidden_rows: Sync) -> None:
    with pytest.raises(RightMissing, match="row-level security"):
        verify(sync_with_hidden_rows)


def test_when_one_side_refuses_the_other_is_not_waited_for(
    sync_with_hidden_rows: Sync, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target's query waits for a lock that nobody gives up."""
    plan = comparison.plan
    with target_db.connect() as holder:

        def lock_then_plan(*arguments: Any, **more: Any) -> Any:
            holder.execute("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
            return plan(*arguments, **more)

        monkeypatch.setattr(comparison, "plan", lock_then_plan)
        began = time.monotonic()
        with pytest.raises(RightMissing, match="row-level security"):
            verify(sync_with_hidden_rows)
        assert time.monotonic() - began < 20
        holder.execute("ROLLBACK")


def test_many_small_tables(source_db: Database, target_db: Database) -> None:
    many = """
        CREATE SCHEMA many;
        DO $$ BEGIN FOR n IN 1..300 LOOP
            EXECUTE format('CREATE TABLE many.t%s AS SELECT %s AS n', n, n);
        END LOOP; END $$
    """
    for database in (source_db, target_db):
        database.execute(many)
    target_db.execute("UPDATE many.t250 SET n = 0")
    sync = started_sync(source_db.endpoint, target_db.endpoint, Objects(schemas=("many",)))
    results = verify(sync, options=NO_TIME)
    assert len(results) == 300
    assert [item.name for item in results if not item.equal] == [QualifiedName("many", "t250")]
