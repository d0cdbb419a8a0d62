"""Large tables in chunks: read side by side under one snapshot, and gone on with after an end halfway."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.errors import ConnectionFailed, TransientServerError
from airflow_adbsync.engine.load import Bin, chunked, load_bin
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.started_sync import started_sync

LEDGER = QualifiedName("public", "ledger")
ONLY = Bin(0, (LEDGER,), 0)
ROWS = 30_000
PLAIN = "CREATE TABLE ledger (id int PRIMARY KEY, code int NOT NULL UNIQUE, n int, filling text)"
PARTED = """
    CREATE TABLE ledger (id int PRIMARY KEY, code int NOT NULL, n int, filling text) PARTITION BY RANGE (id);
    CREATE TABLE ledger_low PARTITION OF ledger FOR VALUES FROM (MINVALUE) TO (9000);
    CREATE TABLE ledger_high PARTITION OF ledger FOR VALUES FROM (9000) TO (MAXVALUE);
"""
KEYLESS = "CREATE TABLE ledger (id int, code int, n int, filling text)"
# Rows of a third of a page; long texts, so that chunks end within what few rows make.
FILL = f"""
    INSERT INTO ledger SELECT n, -n, 0, repeat(md5(n::text), 6) FROM generate_series(1, {ROWS}) n;
    ANALYZE ledger;
"""


@pytest.fixture
def ledger(request: pytest.FixtureRequest, source_db: Database, target_db: Database) -> Sync:
    made = getattr(request, "param", PLAIN)
    if made is KEYLESS and int(source_db.value("SHOW server_version_num")) < 140_000:
        pytest.skip("a server that doesn't read ranges of pages reads a table without a key whole")
    source_db.execute(made)
    # As between the schema phase's two halves: keys follow the data.
    target_db.execute(KEYLESS)
    source_db.execute(FILL)
    return started_sync(
        source_db.endpoint,
        target_db.endpoint,
        chunk_bytes="1MB",
        connections_per_task=3,
        retry_for=0,
        retry_connections_for=0,
    )


def chunks(target: Database, sync: Sync) -> list[bool]:
    with target.connect() as conn:
        return [chunk.snapshot is not None for chunk in state.chunks.read(conn, sync.sync_id, LEDGER)]


def shown(database: Database) -> list[tuple[object, ...]]:
    return database.fetch("SELECT id, code, n, md5(filling) FROM ledger ORDER BY id, code")


@contextmanager
def ends_after(committed: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Break the attempt off when so many chunks are committed; those that others are copying go on."""
    load, lock, done = chunked._load, threading.Lock(), []

    def load_some(pair: object, attempt: object, *args: object) -> None:
        with lock:
            if len(done) >= committed:
                raise ConnectionFailed("cut off by the test")
            done.append(None)
        load(pair, attempt, *args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(chunked, "_load", load_some)
        yield


MESS = """
    DELETE FROM ledger WHERE id % 7 = 1;
    UPDATE ledger SET n = n + 1 WHERE id % 5 = 1;
    UPDATE ledger SET id = -id WHERE id % 11 = 1;
    -- A secondary key's value moves from a row to another one.
    UPDATE ledger SET code = code - 1000000 WHERE -code % 13 = 1;
    UPDATE ledger SET code = code + 1 WHERE -code % 13 = 2;
    INSERT INTO ledger SELECT n, -n, 5, 'new' FROM generate_series(100001, 100500) n;
    INSERT INTO ledger SELECT n, -n - 2000000, 6, 'came back' FROM generate_series(1, 2000, 7) n
        WHERE n NOT IN (SELECT id FROM ledger);
    VACUUM ledger;
    INSERT INTO ledger SELECT n, -n, 7, 'in freed space' FROM generate_series(200001, 201500) n;
"""


def make_a_mess(source: Database) -> None:
    for statement in MESS.split(";\n")[:-1]:
        source.execute(statement)


# Only by its pages can a table without a key be cut.
BY_PAGES = pytest.param(KEYLESS, marks=pytest.mark.requires(source=14))


@pytest.mark.parametrize("ledger", [PLAIN, PARTED, BY_PAGES], ids=["pages", "key", "keyless"], indirect=True)
def test_a_table_that_was_left_halfway_shows_one_moment_in_the_end(
    ledger: Sync, source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ends_after(3, monkeypatch), pytest.raises(ConnectionFailed, match="cut off"):
        load_bin(ledger, ONLY)
    assert 0 < chunks(target_db, ledger).count(True) < len(chunks(target_db, ledger))
    make_a_mess(source_db)
    with ends_after(2, monkeypatch), pytest.raises(ConnectionFailed, match="cut off"):
        load_bin(ledger, ONLY)
    source_db.execute("UPDATE ledger SET n = 100 WHERE id % 3 = 0; DELETE FROM ledger WHERE id % 17 = 0")

    result = load_bin(ledger, ONLY)

    assert shown(target_db) == shown(source_db)
    assert result.rows == source_db.value("SELECT count(*) FROM ledger")
    assert all(chunks(target_db, ledger))
    assert load_bin(ledger, ONLY).skipped == (LEDGER,)


def test_only_the_chunks_that_are_left_are_copied(
    ledger: Sync, source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ends_after(4, monkeypatch), pytest.raises(ConnectionFailed):
        load_bin(ledger, ONLY)
    before = target_db.fetch("SELECT xmin::text, id FROM ledger")
    assert len(before) > 1000
    load_bin(ledger, ONLY)
    after = set(target_db.fetch("SELECT xmin::text, id FROM ledger"))
    assert set(before) < after
    assert len(after) == ROWS


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE ledger ADD more int DEFAULT 7", "VACUUM FULL ledger", f"TRUNCATE ledger; {FILL}"],
    ids=["altered", "rewritten", "truncated"],
)
def test_a_table_that_was_altered_or_rewritten_starts_over(
    ledger: Sync,
    source_db: Database,
    target_db: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    statement: str,
) -> None:
    caplog.set_level("INFO", "airflow_adbsync")
    with ends_after(3, monkeypatch), pytest.raises(ConnectionFailed):
        load_bin(ledger, ONLY)
    source_db.execute(statement)
    if "ADD" in statement:
        target_db.execute("ALTER TABLE ledger ADD more int")
    load_bin(ledger, ONLY)
    assert "it starts over" in caplog.text
    query = "SELECT * FROM ledger ORDER BY id"
    assert target_db.fetch(query) == source_db.fetch(query)


def test_an_attempt_that_was_overtaken_commits_nothing_more(
    ledger: Sync, source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that was given up, and goes on copying while another one has taken its table over."""
    release, held = threading.Event(), threading.Event()
    load = chunked._load

    def hold(pair: object, attempt: object, *args: object) -> None:
        held.set()
        assert release.wait(60)
        load(pair, attempt, *args)  # type: ignore[arg-type]

    errors: list[TransientServerError] = []

    def old_task() -> None:
        try:
            load_bin(ledger, ONLY)
        except TransientServerError as error:
            errors.append(error)

    with monkeypatch.context() as patch:
        patch.setattr(chunked, "_load", hold)
        old = threading.Thread(target=old_task)
        old.start()
        assert held.wait(60)
    load_bin(ledger, ONLY)
    release.set()
    old.join(60)

    assert "Another task" in str(errors)
    assert shown(target_db) == shown(source_db)


def test_chunks_share_one_snapshot_while_rows_are_written(
    ledger: Sync, source_db: Database, target_db: Database
) -> None:
    """Every transaction moves an amount between rows, mostly of different chunks: the sum is constant."""
    stop = threading.Event()

    def move() -> None:
        with source_db.connect() as conn:
            n = 1
            while not stop.is_set():
                n = n * 7919 % ROWS + 1
                conn.execute(
                    "UPDATE ledger SET n = n + CASE id WHEN %s THEN 1 ELSE -1 END WHERE id IN (%s, %s)",
                    (n, n, ROWS - n + 1),
                )

    writer = threading.Thread(target=move)
    writer.start()
    try:
        time.sleep(0.2)
        assert load_bin(ledger, ONLY).rows == ROWS
    finally:
        stop.set()
        writer.join()
    assert target_db.fetch("SELECT count(DISTINCT id), count(*), sum(n) FROM ledger") == [(ROWS, ROWS, 0)]
    assert target_db.value("SELECT count(*) FROM ledger WHERE n <> 0") > 0


def test_hands_work_side_by_side(ledger: Sync, target_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three chunks are copied at a time: none would end before three have begun."""
    together = threading.Barrier(3)
    load, begun = chunked._load, []

    def wait_for_others(pair: object, attempt: object, *args: object) -> None:
        begun.append(None)
        if len(begun) <= 3:
            together.wait(60)
        load(pair, attempt, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(chunked, "_load", wait_for_others)
    load_bin(ledger, ONLY)
    assert target_db.value("SELECT count(*) FROM ledger") == ROWS
