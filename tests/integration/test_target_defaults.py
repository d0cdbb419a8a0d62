"""What the target's accounts and databases are given by default must not reach replication."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from airflow_adbsync.local import LocalServer
from tests.databases import Database
from tests.integration.replicated import assert_equal, begin, catch_up, load, sync_of

TABLE = "CREATE TABLE t (id int PRIMARY KEY, note text)"


@pytest.mark.parametrize(
    "setting",
    ["statement_timeout", pytest.param("transaction_timeout", marks=pytest.mark.requires(target=17))],
)
def test_a_batch_that_takes_longer_than_is_usual_there(
    source_db: Database, target_db: Database, setting: str
) -> None:
    source_db.execute(TABLE)
    target_db.execute(TABLE)
    sync = sync_of(source_db, target_db)
    begin(sync)
    load(sync)
    target_db.execute(f"ALTER DATABASE {target_db.endpoint.database} SET {setting} = '500ms'")
    source_db.execute("INSERT INTO t VALUES (1, 'x')")

    with target_db.connect(**{setting: "0"}) as blocking:
        blocking.execute("BEGIN; LOCK TABLE t")
        release = threading.Timer(1.5, blocking.execute, ["COMMIT"])
        release.start()
        catch_up(sync, source_db)
        release.join()

    assert_equal(source_db, target_db, ["t"])


def test_a_target_that_commits_without_waiting_for_its_disk(
    source_db: Database, private_server: Callable[..., LocalServer]
) -> None:
    lazy = {"synchronous_commit": "off", "wal_writer_delay": "10s", "bgwriter_delay": "10s"}
    server = private_server("target", settings=lazy)
    target = Database(server.create_database("target"))
    source_db.execute(TABLE)
    target.execute(TABLE)
    sync = sync_of(source_db, target)
    begin(sync)
    load(sync)
    target.execute("CHECKPOINT")
    source_db.execute("INSERT INTO t SELECT n, 'x' FROM generate_series(1, 9) n")
    catch_up(sync, source_db)

    server.restart("immediate")

    source_db.execute("UPDATE t SET note = 'new'")
    catch_up(sync, source_db)
    assert_equal(source_db, target, ["t"])
