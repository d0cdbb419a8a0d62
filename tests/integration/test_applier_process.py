"""The applier as a process: one for each sync, and gone when nobody holds its standard input any more."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from airflow_adbsync.engine.errors import AdbsyncError, ApplierBusy
from airflow_adbsync.engine.events import ApplierFailed, ApplierStopped, BatchApplied
from airflow_adbsync.engine.replication import AtLsn, CaughtUp, Stopped, apply
from airflow_adbsync.engine.replication.applier_process import MODULE
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.applier_child import ApplierChild
from tests.integration.replicated import (
    assert_equal,
    begin,
    catch_up,
    load,
    position,
    progress_of,
    sync_of,
)

TABLE = "CREATE TABLE t (id int PRIMARY KEY, note text)"


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    source_db.execute(TABLE)
    target_db.execute(TABLE)
    source_db.execute("INSERT INTO t VALUES (0, 'loaded')")
    sync = sync_of(source_db, target_db)
    begin(sync)
    load(sync)
    return sync


def test_it_ends_by_itself_while_its_input_is_open(sync: Sync, source_db: Database) -> None:
    source_db.execute("INSERT INTO t VALUES (1, 'x')")
    with ApplierChild(sync, CaughtUp()) as applier:
        assert applier.wait_for(BatchApplied).changes == 1
        assert applier.wait_for(ApplierStopped).reason == "reached"
        assert applier.wait(10) == 0


def test_a_second_applier_is_refused_with_the_name_of_the_first(
    sync: Sync, source_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ApplierChild(sync) as first:
        owner = first.wait_until_started().owner
        monkeypatch.setattr("airflow_adbsync.engine.replication.applier._PATIENCE", 0.5)
        with pytest.raises(ApplierBusy, match=f"being applied by {owner}"):
            apply(sync, Stopped())
        with ApplierChild(sync) as second:
            failed = second.wait_for(ApplierFailed)
            assert second.wait() == 1
        source_db.execute("INSERT INTO t VALUES (1, 'x')")
        assert first.wait_for(BatchApplied).changes == 1
    assert str(first.pid) in owner
    error = AdbsyncError.from_json(failed.error)
    assert isinstance(error, ApplierBusy)
    assert owner in str(error)


def test_it_ends_soon_after_its_input_closes_and_nothing_is_lost(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    with ApplierChild(sync) as applier:
        applier.wait_until_started()
        source_db.execute("INSERT INTO t SELECT n, 'x' FROM generate_series(1, 50000) n")
        applier.close_input()
        began = time.monotonic()
        assert applier.wait(15) == 0
        assert time.monotonic() - began < 5
        stopped = applier.wait_for(ApplierStopped)
    assert stopped.reason == "asked"
    assert stopped.lsn == str(progress_of(sync, target_db).lsn)
    assert target_db.value("SELECT count(*) FROM t") in (1, 50001)
    catch_up(sync, source_db)
    assert_equal(source_db, target_db, ["t"])


def test_it_ends_though_a_batch_is_stuck(sync: Sync, source_db: Database, target_db: Database) -> None:
    """What is not committed is rolled back, and comes again."""
    with target_db.connect() as blocking, ApplierChild(sync) as applier:
        applier.wait_until_started()
        blocking.execute("BEGIN; LOCK TABLE t")
        source_db.execute("INSERT INTO t VALUES (1, 'x')")
        _wait_until_stuck(target_db)
        applier.close_input()
        assert applier.wait(30) == 3
        blocking.execute("COMMIT")
    catch_up(sync, source_db)
    assert_equal(source_db, target_db, ["t"])


def test_it_ends_while_the_target_is_away(sync: Sync, source_db: Database, target_db: Database) -> None:
    away = Sync(sync.config, sync.source, sync.target.__class__(**{**sync.target.to_json(), "port": 1}))
    with ApplierChild(away) as applier:
        # By then it waits several seconds between two attempts.
        time.sleep(5)
        applier.close_input()
        assert applier.wait(2) == 0
        assert applier.wait_for(ApplierStopped).reason == "asked"


@pytest.mark.requires(target=14)  # client_connection_check_interval
def test_an_applier_that_was_killed_makes_room_at_once(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    """The server notices that nobody is there any more, though it is in the middle of a statement."""
    with target_db.connect() as blocking, ApplierChild(sync) as applier:
        applier.wait_until_started()
        blocking.execute("BEGIN; LOCK TABLE t IN SHARE MODE")
        source_db.execute("INSERT INTO t VALUES (1, 'x')")
        _wait_until_stuck(target_db)
        applier.kill()
        with ApplierChild(sync, AtLsn(position(source_db))) as heir:
            heir.wait_until_started()
            blocking.execute("COMMIT")
            assert heir.wait() == 0
    assert_equal(source_db, target_db, ["t"])


def test_its_order_is_in_no_argument_and_no_variable(sync: Sync) -> None:
    password = sync.source.password
    assert password
    with ApplierChild(sync) as applier:
        applier.wait_until_started()
        for place in ("cmdline", "environ"):
            assert password.encode() not in Path(f"/proc/{applier.pid}/{place}").read_bytes()


@pytest.mark.parametrize("order", [b"", b"\n", b'{"sync": '])
def test_an_order_that_never_came_is_no_traceback(order: bytes) -> None:
    done = subprocess.run(
        [sys.executable, "-m", MODULE], input=order, capture_output=True, check=False, env=dict(os.environ)
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""


def _wait_until_stuck(target: Database) -> None:
    deadline = time.monotonic() + 20
    while not target.fetch("SELECT FROM pg_locks WHERE NOT granted AND relation = 't'::regclass"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
