"""Loads beside others: DDL, a second task, a release, writers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.errors import RelationDrifted, SourceSwapped
from airflow_adbsync.engine.events import Event
from airflow_adbsync.engine.load import definition, load_bin, plan, progress
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.big_table import BIG, MEGABYTES, ONLY_BIG, big_table
from tests.integration.started_sync import started_sync


@pytest.fixture
def big(source_db: Database, target_db: Database) -> Sync:
    return big_table(source_db, target_db)


@pytest.fixture
def on_batch(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], None]], None]:
    """Have something done in the middle of a relay: after each batch, with the bytes so far."""

    def use(act: Callable[[int], None]) -> None:
        monkeypatch.setattr(progress.Progress, "watch", lambda _self: lambda sent, _rows: act(sent))

    return use


@pytest.mark.parametrize(
    ("alteration", "complaint"),
    [
        ("ALTER TABLE big DROP COLUMN filling", "column filling is missing"),
        ("ALTER TABLE big ADD loaded bool DEFAULT true", "column loaded is only there"),
        ("ALTER TABLE big ALTER filling TYPE varchar(5) USING ''", "character varying"),
        (
            "ALTER TABLE big DROP COLUMN id; ALTER TABLE big ADD id int GENERATED ALWAYS AS (1) STORED",
            "column id is generated on the target only",
        ),
        ("DROP TABLE big", "There is no table public.big on the target"),
    ],
)
def test_a_table_that_does_not_fit_is_not_touched(
    big: Sync, target_db: Database, alteration: str, complaint: str
) -> None:
    target_db.execute(alteration)
    with target_db.connect() as reader:
        # A lock that TRUNCATE would wait for: the comparison comes first.
        if "DROP TABLE" not in alteration:
            reader.execute("BEGIN; LOCK TABLE big IN ACCESS SHARE MODE")
        with pytest.raises(RelationDrifted, match=complaint):
            load_bin(big, ONLY_BIG)
        reader.execute("ROLLBACK")
    if "DROP TABLE" not in alteration:
        assert target_db.value("SELECT count(*) FROM big") == 1


@contextmanager
def ddl_after_comparison(
    monkeypatch: pytest.MonkeyPatch, database: Database, statement: str
) -> Iterator[list[str]]:
    """Begin DDL on the source once both definitions were compared, and commit it a little later."""
    compare, done = definition.Definitions.take, []

    def compare_then_alter(*args: Any) -> Any:
        both = compare(*args)
        if not done:
            done.append(statement)
            conn = database.connect()
            conn.execute("BEGIN")
            conn.execute(statement)
            committing = threading.Timer(1.0, lambda: (conn.execute("COMMIT"), conn.close()))
            committing.start()
        return both

    monkeypatch.setattr(definition.Definitions, "take", compare_then_alter)
    yield done


def test_a_table_that_is_rewritten_meanwhile_keeps_its_rows(
    big: Sync, source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a snapshot from before the rewrite the table would look empty (Caveats of MVCC)."""
    rewrite = "ALTER TABLE big ALTER filling TYPE text USING filling || ''"
    with ddl_after_comparison(monkeypatch, source_db, rewrite) as done:
        assert load_bin(big, ONLY_BIG).rows == MEGABYTES
    assert done


def test_a_table_that_is_altered_meanwhile_is_compared_again(
    big: Sync, source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        ddl_after_comparison(monkeypatch, source_db, "ALTER TABLE big ADD surprise int"),
        pytest.raises(RelationDrifted, match="column surprise is missing"),
    ):
        load_bin(big, ONLY_BIG)
    assert target_db.fetch("SELECT id FROM big") == [(-1,)]


def test_two_tasks_for_one_bin_load_it_once(big: Sync, target_db: Database) -> None:
    events: list[Event] = []
    tasks = [threading.Thread(target=load_bin, args=(big, ONLY_BIG, events.append)) for _ in range(2)]
    for task in tasks:
        task.start()
    for task in tasks:
        task.join(60)
    assert len(events) == 1
    assert target_db.value("SELECT count(*) FROM big") == MEGABYTES
    with target_db.connect() as conn:
        assert state.relations.read(conn, big.sync_id)[BIG].generation == 1


def test_a_running_load_holds_the_sync(big: Sync, target_db: Database, on_batch: Callable[..., None]) -> None:
    seen = []

    def look(_sent: int) -> None:
        if not seen:
            with target_db.connect() as conn:
                seen.append(
                    (
                        state.ownership.loads_running(conn, big.sync_id),
                        state.ownership.try_bar_loads(conn, big.sync_id),
                    )
                )

    on_batch(look)
    load_bin(big, ONLY_BIG)
    assert seen == [(1, False)]
    with target_db.connect() as conn:
        assert state.ownership.loads_running(conn, big.sync_id) == 0


def test_another_source_is_refused(big: Sync, target_db: Database) -> None:
    target_db.execute("UPDATE adbsync.sync SET system_identifier = '1'")
    with pytest.raises(SourceSwapped, match="another server"):
        load_bin(big, ONLY_BIG)
    assert target_db.fetch("SELECT id FROM big") == [(-1,)]


def test_an_account_that_can_not_silence_triggers_is_told(
    big: Sync, target_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    role = f"loader_{target_db.endpoint.database}"
    target_db.execute(
        f"""
        CREATE ROLE {role} LOGIN PASSWORD 'secret';
        GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON big TO {role};
        GRANT USAGE ON SCHEMA adbsync TO {role};
        GRANT ALL ON ALL TABLES IN SCHEMA adbsync TO {role};
        """
    )
    try:
        weak = Sync(big.config, big.source, replace(big.target, user=role, password="secret"))
        assert load_bin(weak, ONLY_BIG).rows == MEGABYTES
        assert "may not set session_replication_role" in caplog.text
    finally:
        target_db.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_the_copy_is_what_the_snapshot_sees_under_writers(source_db: Database, target_db: Database) -> None:
    """Each row says which transaction wrote it; copied is exactly what the stored snapshot calls visible."""
    journal = "CREATE TABLE journal (writer int, n int, xid bigint)"
    source_db.execute(journal)
    target_db.execute(journal)
    sync = started_sync(source_db.endpoint, target_db.endpoint)
    stop = threading.Event()
    writers = [threading.Thread(target=_write, args=(source_db, number, stop)) for number in range(4)]
    for writer in writers:
        writer.start()
    try:
        time.sleep(0.3)
        for _ in range(6):
            load_bin(sync, plan(sync).bins[0], reload=True)
            with target_db.connect() as conn:
                (known,) = state.relations.read(conn, sync.sync_id).values()
            assert known.snapshot
            written = source_db.fetch("SELECT writer, n, xid FROM journal")
            copied = set(target_db.fetch("SELECT writer, n, xid FROM journal"))
            assert copied == {row for row in written if known.snapshot.sees(row[2])}
            assert len(copied) < len(written)
    finally:
        stop.set()
        for writer in writers:
            writer.join()


def _write(database: Database, writer: int, stop: threading.Event) -> None:
    insert = "INSERT INTO journal VALUES (%s, %s, txid_current() %% 4294967296)"
    with database.connect() as conn:
        n = 0
        while not stop.is_set():
            with conn.transaction():
                conn.execute(insert, (writer, n))
                with conn.transaction():
                    conn.execute(insert, (writer, n + 1))
            n += 2
