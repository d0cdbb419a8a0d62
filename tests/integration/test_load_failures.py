"""Loads that are disturbed: killed sessions and processes, refused rows, DDL and writers in between."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.errors import ConnectionFailed, RelationDrifted, SourceSwapped, StatementFailed
from airflow_adbsync.engine.events import Event
from airflow_adbsync.engine.load import Bin, load_bin, plan, table
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.started_sync import started_sync

BIG = QualifiedName("public", "big")
ONLY_BIG = Bin(0, (BIG,), 0)
# A row takes 1 MB on the wire and little on disk, more in all than the sockets between the servers hold.
MEGABYTES = 40
BIG_TABLE = "CREATE TABLE big (id int, filling text)"
BIG_ROWS = f"INSERT INTO big SELECT n, repeat('x', 1000000) FROM generate_series(1, {MEGABYTES}) n"
OLD_ROW = "INSERT INTO big VALUES (-1, 'was there before')"


@pytest.fixture
def big(source_db: Database, target_db: Database) -> Sync:
    source_db.execute(BIG_TABLE)
    source_db.execute(BIG_ROWS)
    target_db.execute(BIG_TABLE)
    target_db.execute(OLD_ROW)
    return started_sync(source_db.endpoint, target_db.endpoint)


@pytest.fixture
def on_batch(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], None]], None]:
    """Have something done in the middle of a relay: after each batch, with the bytes so far."""

    def use(act: Callable[[int], None]) -> None:
        monkeypatch.setattr(table, "_progress", lambda _relation: act)

    return use


def is_loaded(target: Database, sync: Sync, name: QualifiedName = BIG) -> bool:
    with target.connect() as conn:
        return state.relations.read(conn, sync.sync_id)[name].snapshot is not None


def copying(database: Database) -> list[int]:
    found = database.fetch(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%' "
        "AND state = 'active'"
    )
    return [pid for (pid,) in found]


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_session_killed_in_the_middle_is_tried_again(
    big: Sync,
    source_db: Database,
    target_db: Database,
    on_batch: Callable[[Callable[[int], None]], None],
    side: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    victim = {"source": source_db, "target": target_db}[side]
    killed = []

    def kill_once(sent: int) -> None:
        if sent > 5_000_000 and not killed:
            killed.extend(copying(victim))
            victim.execute(f"SELECT pg_terminate_backend({killed[0]})")

    on_batch(kill_once)
    result = load_bin(big, ONLY_BIG)

    assert len(killed) == 1
    assert "Trying again" in caplog.text
    assert (result.rows, len(result.loaded)) == (MEGABYTES, 1)
    assert target_db.value("SELECT count(*) FROM big WHERE id > 0") == MEGABYTES
    assert target_db.value("SELECT count(*) FROM big") == MEGABYTES
    assert is_loaded(target_db, big)


@pytest.mark.parametrize("side", ["source", "target"])
def test_when_the_time_is_over_the_error_says_which_side_failed(
    big: Sync, source_db: Database, target_db: Database, on_batch: Callable[..., None], side: str
) -> None:
    victim = {"source": source_db, "target": target_db}[side]
    hasty = started_sync(source_db.endpoint, target_db.endpoint, retry_for=0)

    def kill(_sent: int) -> None:
        for pid in copying(victim):
            victim.execute(f"SELECT pg_terminate_backend({pid})")

    on_batch(kill)
    with pytest.raises(ConnectionFailed, match=victim.endpoint.database) as caught:
        load_bin(hasty, ONLY_BIG)
    assert "public.big" in str(caught.value)
    assert target_db.fetch("SELECT id FROM big") == [(-1,)]
    assert not is_loaded(target_db, hasty)


def test_a_refused_row_ends_both_sides_at_once(
    big: Sync, source_db: Database, target_db: Database, on_batch: Callable[..., None]
) -> None:
    target_db.execute("ALTER TABLE big ADD CONSTRAINT none_is_two CHECK (id <> 2)")
    sent: list[int] = []
    on_batch(sent.append)

    with pytest.raises(StatementFailed, match=r'public\.big.*violates check constraint "none_is_two"'):
        load_bin(big, ONLY_BIG)

    assert sent[-1] < MEGABYTES * 750_000
    assert target_db.fetch("SELECT id FROM big") == [(-1,)]
    assert not is_loaded(target_db, big)
    deadline = time.monotonic() + 10
    while copying(source_db) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not copying(source_db)


def test_a_slow_target_slows_the_source_down(
    big: Sync, target_db: Database, on_batch: Callable[..., None]
) -> None:
    """Nothing piles up in this process: what is handed on fits into the sockets."""
    target_db.execute(
        """
        CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF NEW.id = 3 THEN PERFORM pg_advisory_xact_lock(77); END IF; RETURN NEW; END $$;
        CREATE TRIGGER hold BEFORE INSERT ON big FOR EACH ROW EXECUTE FUNCTION hold();
        ALTER TABLE big ENABLE ALWAYS TRIGGER hold;
        """
    )
    sent = [0]
    on_batch(sent.append)
    with target_db.connect() as holder:
        holder.execute("SELECT pg_advisory_lock(77)")
        loading = threading.Thread(target=load_bin, args=(big, ONLY_BIG))
        loading.start()
        _until_steady(sent)
        assert sent[-1] < MEGABYTES * 750_000
        assert not is_loaded(target_db, big)
    loading.join(60)
    assert target_db.value("SELECT count(*) FROM big") == MEGABYTES


def _until_steady(numbers: list[int]) -> None:
    deadline, before = time.monotonic() + 20, -1
    while time.monotonic() < deadline and (numbers[-1] == 0 or numbers[-1] != before):
        before = numbers[-1]
        time.sleep(0.7)


def test_words_of_the_target_are_no_errors(big: Sync, target_db: Database) -> None:
    """A trigger that can't be silenced talks to the client with every row."""
    target_db.execute(
        """
        CREATE FUNCTION talk() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE INFO 'row %', NEW.id; RETURN NEW; END $$;
        CREATE TRIGGER talk BEFORE INSERT ON big FOR EACH ROW EXECUTE FUNCTION talk();
        ALTER TABLE big ENABLE ALWAYS TRIGGER talk;
        """
    )
    assert load_bin(big, ONLY_BIG).rows == MEGABYTES


def test_rows_that_a_trigger_swallows_are_missed(big: Sync, target_db: Database) -> None:
    target_db.execute(
        """
        CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF NEW.id = 7 THEN RETURN NULL; END IF; RETURN NEW; END $$;
        CREATE TRIGGER swallow BEFORE INSERT ON big FOR EACH ROW EXECUTE FUNCTION swallow();
        ALTER TABLE big ENABLE ALWAYS TRIGGER swallow;
        """
    )
    with pytest.raises(StatementFailed, match="source sent 40 rows and the target took 39"):
        load_bin(big, ONLY_BIG)
    assert target_db.fetch("SELECT id FROM big") == [(-1,)]


@pytest.mark.parametrize(
    ("alteration", "complaint"),
    [
        ("ALTER TABLE big DROP COLUMN filling", "column filling is missing"),
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


def test_a_column_that_only_the_target_has_gets_its_default(
    big: Sync, source_db: Database, target_db: Database
) -> None:
    source_db.execute("DELETE FROM big WHERE id > 3")
    target_db.execute("ALTER TABLE big ADD loaded bool DEFAULT true")
    load_bin(big, ONLY_BIG)
    assert target_db.fetch("SELECT id, loaded FROM big ORDER BY id") == [(1, True), (2, True), (3, True)]


@contextmanager
def ddl_after_comparison(
    monkeypatch: pytest.MonkeyPatch, database: Database, statement: str
) -> Iterator[list[str]]:
    """Begin DDL on the source once both definitions were compared, and commit it a little later."""
    compare, done = table._read_both, []

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

    monkeypatch.setattr(table, "_read_both", compare_then_alter)
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


CHILD = """
import json, sys, time
from airflow_adbsync.engine.events import to_line
from airflow_adbsync.engine.load import Bin, load_bin, table
from airflow_adbsync.engine.sync import Sync

def in_the_middle(relation):
    def on_batch(sent):
        if relation.name.name == "big" and sent > 1_000_000:
            print("in the middle", flush=True)
            time.sleep(600)
    return on_batch

table._progress = in_the_middle
document = json.loads(sys.stdin.readline())
sync, bin_ = Sync.from_json(document["sync"]), Bin.from_json(document["bin"])
load_bin(sync, bin_, lambda event: print(to_line(event), flush=True))
"""


def test_a_killed_process_leaves_whole_tables_and_its_bin_is_finished_later(
    big: Sync, source_db: Database, target_db: Database
) -> None:
    for database in (source_db, target_db):
        database.execute("CREATE TABLE small (id int); CREATE TABLE last (id int)")
    source_db.execute("INSERT INTO small VALUES (1), (2); INSERT INTO last VALUES (3)")
    sync = started_sync(source_db.endpoint, target_db.endpoint)
    small, last = QualifiedName("public", "small"), QualifiedName("public", "last")
    bin_ = Bin(0, (small, BIG, last), 0)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert child.stdin
        assert child.stdout
        child.stdin.write(json.dumps({"sync": sync.to_json(), "bin": bin_.to_json()}) + "\n")
        child.stdin.flush()
        assert json.loads(child.stdout.readline())["table"] == "public.small"
        assert child.stdout.readline() == "in the middle\n"
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=30)

    assert is_loaded(target_db, sync, small)
    assert not is_loaded(target_db, sync, BIG)
    result = load_bin(sync, bin_)

    assert [item.name for item in result.loaded] == [BIG, last]
    assert result.skipped == (small,)
    assert target_db.value("SELECT count(*) FROM big") == MEGABYTES
    assert target_db.fetch("SELECT id FROM last") == [(3,)]


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
