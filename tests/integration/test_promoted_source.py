"""A source whose standby is promoted: followed where nothing is lost, refused where something may be.

(PostgreSQL doc: Logical Replication Failover.)
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.errors import RelationNotLoaded, SourcePromoted, TargetAhead
from airflow_adbsync.engine.load import Bin, load_bin
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.release import release
from airflow_adbsync.engine.replication import CaughtUp, apply
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local import LocalServer
from tests.databases import Database, Server, fresh_database
from tests.integration.replicated import assert_same, begin, catch_up, load, progress_of, sync_of

TABLES = "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE later (id int PRIMARY KEY)"
_STANDBY = "physical_standby"


@dataclass(frozen=True)
class Pair:
    """A primary and its standby, which synchronizes failover slots when it is told to."""

    primary: LocalServer
    standby: LocalServer

    def follow(self) -> None:
        """Make the standby's cluster a copy of the primary's, and start it."""
        Database(self.primary.endpoint()).execute(
            f"SELECT pg_create_physical_replication_slot('{_STANDBY}', true)"
        )
        self.standby.stop("immediate")
        data, owner = self.standby.data_directory, self.standby.data_directory.stat()
        into = ["-D", str(data), "-d", _conninfo(self.primary), "-S", _STANDBY, "-c", "fast"]
        shell = 'find "$1" -mindepth 1 -delete; shift; umask 077; "$@" && touch "$0/standby.signal"'
        program = str(self.standby.binary("pg_basebackup"))
        subprocess.run(
            ["/bin/sh", "-c", shell, str(data), str(data), program, *into],
            check=True,
            capture_output=True,
            user=owner.st_uid,
            group=owner.st_gid,
            extra_groups=[],
        )
        self.standby.start()

    def synchronize(self, *syncs: Sync) -> None:
        """Have the slots on the standby, which can keep one from where the primary's has come past it."""
        here, there = Database(self.standby.endpoint()), Database(self.primary.endpoint())
        ready = (
            "SELECT count(*) FROM pg_replication_slots WHERE synced AND NOT temporary AND slot_name = ANY(%s)"
        )
        deadline = time.monotonic() + 30
        while here.value(ready, [sync.slot_name for sync in syncs]) < len(syncs):
            assert time.monotonic() < deadline
            there.execute("SELECT pg_log_standby_snapshot()")
            for sync in syncs:
                catch_up(sync, Database(sync.source))
            self.replay()
            here.execute("SELECT pg_sync_replication_slots()")

    def replay(self) -> None:
        """Wait until the standby has all that there is."""
        end = Database(self.primary.endpoint()).value("SELECT pg_current_wal_flush_lsn()::text")
        deadline = time.monotonic() + 30
        behind = f"SELECT pg_last_wal_replay_lsn() < '{end}'"
        while Database(self.standby.endpoint()).value(behind):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def part(self) -> None:
        """The standby gets nothing more."""
        standby = Database(self.standby.endpoint())
        standby.execute("ALTER SYSTEM SET primary_conninfo = ''")
        standby.execute("SELECT pg_reload_conf()")
        while standby.value("SELECT count(*) FROM pg_stat_wal_receiver"):
            time.sleep(0.05)


def _conninfo(server: LocalServer) -> str:
    return (
        f"host={server.host} port={server.port} user={server.user} password={server.password} dbname=postgres"
    )


@pytest.fixture
def pair(private_server: Callable[..., LocalServer]) -> Pair:
    primary = private_server(18)
    settings = {
        "primary_conninfo": _conninfo(primary),
        "primary_slot_name": _STANDBY,
        "hot_standby_feedback": "on",
    }
    return Pair(primary, private_server(18, settings=settings, password=primary.password))


def _sync(pair: Pair, name: str, target: Database) -> Sync:
    source = Database(pair.primary.create_database(name))
    source.execute(TABLES)
    target.execute(TABLES)
    source.execute("INSERT INTO t VALUES (1); INSERT INTO later VALUES (1)")
    config = sync_of(source, target).config.model_copy(update={"sync_id": name})
    sync = Sync(config, source.endpoint, target.endpoint)
    begin(sync)
    load(sync)
    return sync


def _on(server: LocalServer, sync: Sync, *, follow: bool = True) -> Sync:
    """The same sync with this server as its source."""
    incremental = sync.config.incremental.model_copy(update={"follow_promotion": follow})
    config = sync.config.model_copy(update={"incremental": incremental})
    return Sync(config, server.endpoint(sync.source.database), sync.target)


def _timeline(sync: Sync) -> int:
    with connect(sync.target) as conn:
        return state.syncs.get(conn, sync.sync_id).timeline


def test_a_source_whose_standby_was_promoted(pair: Pair, target_server: Server) -> None:
    with fresh_database(target_server, "followed") as target, fresh_database(target_server, "ahead") as other:
        followed, ahead = _sync(pair, "followed", target), _sync(pair, "ahead", other)
        old, old_too = Database(followed.source), Database(ahead.source)
        pair.follow()
        old.execute("INSERT INTO t VALUES (2)")
        pair.synchronize(followed, ahead)
        old.execute("INSERT INTO t VALUES (3)")
        pair.replay()
        pair.part()
        old_too.execute("INSERT INTO t VALUES (3)")
        catch_up(ahead, old_too)
        load_bin(followed, Bin(0, (QualifiedName("public", "later"),), 0), reload=True)
        pair.primary.stop("immediate")
        assert Database(pair.standby.endpoint()).value("SELECT pg_promote()")
        new = Database(_on(pair.standby, followed).source)
        new.execute("INSERT INTO t VALUES (4); INSERT INTO later VALUES (4)")

        _refused_unless_asked(_on(pair.standby, followed, follow=False), target)
        _refused_where_the_target_is_ahead(_on(pair.standby, ahead), other)
        _goes_on(_on(pair.standby, followed), new, target)


def _refused_unless_asked(sync: Sync, target: Database) -> None:
    before = progress_of(sync, target)
    for act in (start, lambda sync: apply(sync, CaughtUp())):
        with pytest.raises(SourcePromoted, match="timeline 2 instead of 1"):
            act(sync)
    assert target.fetch("SELECT id FROM t ORDER BY 1") == [(1,), (2,)]
    assert progress_of(sync, target).lsn == before.lsn
    assert _timeline(sync) == 1


def _refused_where_the_target_is_ahead(sync: Sync, target: Database) -> None:
    for act in (start, lambda sync: apply(sync, CaughtUp())):
        with pytest.raises(TargetAhead, match="those between were made on the old primary only"):
            act(sync)
    assert target.fetch("SELECT id FROM t ORDER BY 1") == [(1,), (3,)]
    assert _timeline(sync) == 1


def _goes_on(sync: Sync, source: Database, target: Database) -> None:
    with pytest.raises(RelationNotLoaded, match=r"public\.later"):
        apply(sync, CaughtUp())
    assert _timeline(sync) == 2
    assert not start(sync).created
    load(sync)
    catch_up(sync, source)
    assert_same(source, target, "t", "later")
    assert target.fetch("SELECT id FROM t ORDER BY 1") == [(1,), (2,), (3,), (4,)]
    source.execute("UPDATE t SET id = id + 10")
    catch_up(sync, source)
    assert_same(source, target, "t", "later")
    assert release(sync).slot_dropped
