"""Exactly once, for as long as one likes: traffic, and a fault every few seconds.

ADBSYNC_SOAK_MINUTES says for how long (15 when it is not set).
"""

from __future__ import annotations

import logging
import os
import random
import signal
import time
from collections.abc import Callable
from itertools import count

from airflow_adbsync.engine.events import ApplierFailed, ApplierStarted
from airflow_adbsync.engine.load import Bin, load_bin
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.replication import request_stop
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local import LocalServer
from tests.databases import Database
from tests.integration.applier_child import ApplierChild
from tests.integration.replicated import assert_equal, begin, catch_up, load, sync_of
from tests.integration.traffic import NAMES, ROWS, TABLES, Traffic

_LOG = logging.getLogger(__name__)
MINUTES = float(os.environ.get("ADBSYNC_SOAK_MINUTES", "15"))
COMPARE_EVERY = 90.0


class Scene:
    """Two servers, a sync between them, its applier, and what can happen to all of these."""

    def __init__(self, source_server: LocalServer, target_server: LocalServer) -> None:
        self.source_server, self.target_server = source_server, target_server
        self.source = Database(source_server.create_database("source"))
        self.target = Database(target_server.create_database("target"))
        for database in (self.source, self.target):
            database.execute(TABLES)
        self.source.execute(ROWS)
        self.sync: Sync = sync_of(self.source, self.target, retry_for="10min")
        self.applier: ApplierChild | None = None
        self.pick = random.Random()
        self.faults: tuple[Callable[[], None], ...] = (
            self.kill_applier,
            self.kill_applier,
            self.kill_applier_while_it_starts,
            self.withdraw_order,
            self.ask_to_stop,
            self.start_second_applier,
            self.freeze_applier,
            self.end_walsender,
            self.end_target_sessions,
            self.restart_target,
            self.restart_source,
            self.load_again,
            self.change_very_much,
            self.truncate,
        )

    def ensure_applier(self) -> None:
        """Start one if there is none; whatever ended the last one must allow for another."""
        if self.applier is not None and self.applier.poll() is None:
            return
        if self.applier is not None:
            self.applier.wait()
            failures = [event for event in self.applier.seen if isinstance(event, ApplierFailed)]
            assert all(failure.retryable for failure in failures), failures
        self.applier = ApplierChild(self.sync)

    def kill_applier(self) -> None:
        if self.applier is not None:
            self.applier.kill()

    def kill_applier_while_it_starts(self) -> None:
        self.kill_applier()
        self.ensure_applier()
        time.sleep(self.pick.uniform(0.1, 1))
        self.kill_applier()

    def withdraw_order(self) -> None:
        if self.applier is not None and self.applier.poll() is None:
            self.applier.close_input()
            assert self.applier.wait(30) in (0, 1, 3)

    def ask_to_stop(self) -> None:
        request_stop(self.sync)

    def start_second_applier(self) -> None:
        with ApplierChild(self.sync):
            time.sleep(self.pick.uniform(0.5, 4))

    def freeze_applier(self) -> None:
        if self.applier is not None and self.applier.poll() is None:
            os.kill(self.applier.pid, signal.SIGSTOP)
            time.sleep(self.pick.uniform(1, 15))
            os.kill(self.applier.pid, signal.SIGCONT)

    def end_walsender(self) -> None:
        self.source.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active")

    def end_target_sessions(self) -> None:
        self.target.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'adbsync' AND pid <> pg_backend_pid()"
        )

    def restart_target(self) -> None:
        self.target_server.restart(self.pick.choice(["fast", "immediate"]))

    def restart_source(self) -> None:
        self.source_server.restart(self.pick.choice(["fast", "immediate"]))

    def load_again(self) -> None:
        table = self.pick.choice(
            ["account", "ledger", "doc", "full_doc", "seat", "event", "visit", "Odd Name"]
        )
        load_bin(self.sync, Bin(0, (QualifiedName("public", table),), 0), reload=True)

    def change_very_much(self) -> None:
        self.source.execute(
            "BEGIN; CREATE TEMP TABLE IF NOT EXISTS many AS SELECT generate_series(1000, 130000) AS n;"
            "INSERT INTO account SELECT n, 'many', n FROM many; UPDATE account SET balance = -n FROM many "
            "WHERE id = n; DELETE FROM account WHERE id >= 1000 AND id % 100 > 0; COMMIT;"
            "DELETE FROM account WHERE id >= 1000"
        )

    def truncate(self) -> None:
        self.source.execute("BEGIN; TRUNCATE event; INSERT INTO event VALUES ('after', 1, NULL); COMMIT")


def test_a_fault_every_few_seconds(private_server: Callable[..., LocalServer]) -> None:
    scene = Scene(private_server(16), private_server(18))
    begin(scene.sync)
    load(scene.sync)
    deadline = time.monotonic() + MINUTES * 60
    try:
        for number in count(1):
            _LOG.info("Round %d", number)
            _run_round(scene, min(deadline, time.monotonic() + COMPARE_EVERY))
            if time.monotonic() >= deadline:
                break
    finally:
        scene.kill_applier()


def _run_round(scene: Scene, deadline: float) -> None:
    with Traffic(scene.source, rate=200, enduring=True) as traffic:
        while time.monotonic() < deadline:
            scene.ensure_applier()
            time.sleep(scene.pick.uniform(0.5, 8))
            fault = scene.pick.choice(scene.faults)
            _LOG.info("%s: %s", fault.__name__, scene.applier and scene.applier.seen[-1:])
            fault()
            assert scene.target.value("SELECT sum(amount) FROM ledger") == 0
        transactions = traffic.transactions
    scene.withdraw_order()
    for _ in range(10):
        # A request to stop that nobody has met yet ends this too.
        if catch_up(scene.sync, scene.source).reason == "reached":
            break
    assert_equal(scene.source, scene.target, NAMES)
    starts = sum(isinstance(event, ApplierStarted) for event in scene.applier.seen) if scene.applier else 0
    _LOG.info("%d transactions; all tables are equal; %d starts of the last applier.", transactions, starts)
