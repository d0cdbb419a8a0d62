"""Loads that fail halfway: killed sessions and processes, refused rows, slow and talkative targets."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from airflow_adbsync.engine.errors import ConnectionFailed, StatementFailed
from airflow_adbsync.engine.load import Bin, load_bin, progress
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.big_table import BIG, MEGABYTES, ONLY_BIG, big_table, is_loaded
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
    hasty = started_sync(source_db.endpoint, target_db.endpoint, retry_for=0, retry_connections_for=0)

    def kill(_sent: int) -> None:
        for pid in copying(victim):
            victim.execute(f"SELECT pg_terminate_backend({pid})")

    on_batch(kill)
    with pytest.raises(ConnectionFailed, match=victim.endpoint.database) as caught:
        load_bin(hasty, ONLY_BIG)
    assert "public.big" in str(caught.value)
    assert target_db.fetch("SELECT id FROM big") == [(-1,)]
    assert not is_loaded(target_db, hasty)


@pytest.mark.one_place("the coordinator takes the rows before its segments look at them")
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


@pytest.mark.one_place("the coordinator takes the rows before its segments look at them")
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


CHILD = """
import json, sys, time
from airflow_adbsync.engine.events import to_line
from airflow_adbsync.engine.load import Bin, load_bin, progress
from airflow_adbsync.engine.sync import Sync

def in_the_middle(self):
    def on_batch(sent, _rows):
        if self._name.name == "big" and sent > 1_000_000:
            print("in the middle", flush=True)
            time.sleep(600)
    return on_batch

progress.Progress.watch = in_the_middle
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
    sync = started_sync(source_db.endpoint, target_db.endpoint, connections_per_task=1)
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
