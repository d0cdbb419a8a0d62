"""Connections that break, on either side: the applier goes on by itself, and nothing is lost or doubled."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local import LocalServer
from airflow_adbsync.local.postmaster import StopMode
from tests.databases import Database
from tests.integration.applier_thread import ApplierThread
from tests.integration.replicated import assert_equal, begin, catch_up, load, position, sync_of
from tests.integration.traffic import NAMES, ROWS, TABLES, Traffic


def loaded(source: Database, target: Database) -> Sync:
    source.execute(TABLES)
    target.execute(TABLES)
    source.execute(ROWS)
    sync = sync_of(source, target)
    begin(sync)
    load(sync)
    return sync


def end_walsender(source: Database, target: Database) -> None:
    source.execute(
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
        "WHERE slot_name = 'adbsync_replicated' AND active"
    )


def end_target_session(source: Database, target: Database) -> None:
    target.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )


def end_other_source_session(source: Database, target: Database) -> None:
    """What it asked last tells it from the others'; it asks for other things too, now and then."""
    ended = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'adbsync' "
        "AND datname = current_database() AND query ~ 'heartbeat|snapshot' AND pid <> pg_backend_pid()"
    )
    while not source.value(ended):
        time.sleep(0.05)


@pytest.mark.parametrize("break_off", [end_walsender, end_target_session, end_other_source_session])
def test_a_session_that_is_ended(
    source_db: Database, target_db: Database, break_off: Callable[[Database, Database], None]
) -> None:
    sync = loaded(source_db, target_db)
    with Traffic(source_db) as traffic, ApplierThread(sync) as applier:
        for times in (1, 2, 3):
            applier.wait_until_started(times)
            applier.wait_until_applied(position(source_db))
            break_off(source_db, target_db)
        applier.wait_until_started(4)
        traffic.stop()
    catch_up(sync, source_db)

    assert_equal(source_db, target_db, NAMES)


def test_a_target_that_is_restarted(source_db: Database, private_server: Callable[..., LocalServer]) -> None:
    server = private_server("target")
    target = Database(server.create_database("target"))
    sync = loaded(source_db, target)
    modes: tuple[StopMode, ...] = ("fast", "immediate", "immediate")
    with Traffic(source_db) as traffic, ApplierThread(sync) as applier:
        for times, mode in enumerate(modes, start=1):
            applier.wait_until_started(times)
            applier.wait_until_applied(position(source_db))
            server.restart(mode)
            assert target.value("SELECT sum(amount) FROM ledger") == 0
        applier.wait_until_started(4)
        traffic.stop()
    catch_up(sync, source_db)

    assert_equal(source_db, target, NAMES)


def test_a_source_that_is_restarted(target_db: Database, private_server: Callable[..., LocalServer]) -> None:
    server = private_server("source")
    source = Database(server.create_database("source"))
    sync = loaded(source, target_db)
    modes: tuple[StopMode, ...] = ("fast", "immediate")
    with ApplierThread(sync) as applier:
        for times, mode in enumerate(modes, start=1):
            with Traffic(source):
                applier.wait_until_started(times)
                applier.wait_until_applied(position(source))
            began = time.monotonic()
            server.restart(mode)
            # A fast stop waits until the slot's reader has confirmed all that it was sent.
            assert time.monotonic() - began < 20
        applier.wait_until_started(3)
        with Traffic(source):
            applier.wait_until_applied(position(source))
    catch_up(sync, source)

    assert_equal(source, target_db, NAMES)
