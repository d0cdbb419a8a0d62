"""A sync between two servers, by way of proxies, and its applier: what faults happen to."""

from __future__ import annotations

import logging
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import replace

import psycopg

from airflow_adbsync.engine.errors import AdbsyncError, ConnectionFailed
from airflow_adbsync.engine.events import ApplierFailed, ApplierStarted, BatchApplied
from airflow_adbsync.engine.sequences import align
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local import LocalServer
from tests.databases import Database
from tests.integration.applier_child import ApplierChild
from tests.integration.proxy import Proxy
from tests.integration.replicated import assert_equal, begin, catch_up, load, sync_of
from tests.integration.traffic import NAMES, ROWS, TABLES

_LOG = logging.getLogger(__name__)
# What the source's server needs.
SOURCE_SETTINGS = {"max_prepared_transactions": "10"}
# Of faults that a user must mend, and that are mended here.
MADE_TO_FAIL = ("made to fail", "File too large")


class Scene:
    """Two servers, the sync between them, and the applier that runs at the moment, if one does.

    ``direct`` is the sync without the proxies. Only one thread deals with the applier.
    """

    def __init__(self, source_server: LocalServer, target_server: LocalServer) -> None:
        self.source_server, self.target_server = source_server, target_server
        self.source = Database(source_server.create_database("source"))
        self.target = Database(target_server.create_database("target"))
        for database in (self.source, self.target):
            database.execute(TABLES)
        self.source.execute(ROWS)
        self.source_proxy, self.target_proxy = Proxy(self.source.endpoint), Proxy(self.target.endpoint)
        self.direct = sync_of(self.source, self.target, retry_for="10min")
        self.sync: Sync = replace(
            self.direct, source=self.source_proxy.endpoint, target=self.target_proxy.endpoint
        )
        self.applier: ApplierChild | None = None
        self.memory = self.starts = self.changes = 0

    def begin(self) -> None:
        """Bring the sync up to incremental."""
        begin(self.sync)
        load(self.sync)

    def close(self) -> None:
        """End what runs besides the servers."""
        self.kill_applier()
        self.source_proxy.close()
        self.target_proxy.close()

    @property
    def running(self) -> ApplierChild | None:
        """The applier, while its process lives."""
        return self.applier if self.applier is not None and self.applier.poll() is None else None

    def ensure_applier(self) -> None:
        """Start one if there is none; whatever ended the last one must allow for another."""
        if self.running is None:
            self._take_leave()
            self.applier = ApplierChild(self.sync)

    def kill_applier(self) -> None:
        """SIGKILL, at any moment of its life."""
        if self.running is not None:
            self.running.kill()
        self._take_leave()

    def kill_applier_while_it_starts(self, pick: random.Random) -> None:
        """Kill the one that runs, and the next one before it has come far."""
        self.kill_applier()
        self.ensure_applier()
        time.sleep(pick.uniform(0.1, 1))
        self.kill_applier()

    def withdraw_order(self) -> None:
        """Let it end what it is at, and go: it may take a while."""
        if self.running is not None:
            self.running.close_input()

    def stop_applier(self) -> Callable[[], None] | None:
        """SIGSTOP; what is returned lets it go on."""
        if (frozen := self.running) is None:
            return None
        os.kill(frozen.pid, signal.SIGSTOP)

        def go_on() -> None:
            if frozen.poll() is None:
                os.kill(frozen.pid, signal.SIGCONT)

        return go_on

    def note_memory(self) -> None:
        """Keep the largest."""
        if self.running is not None:
            self.memory = max(self.memory, self.running.peak_memory())

    def settle(self) -> None:
        """Apply all that there is, and compare everything."""
        self.withdraw_order()
        if self.applier is not None:
            assert self.applier.wait(120) in (0, 1, 3)
        self._take_leave()
        for _ in range(10):
            # A request to stop that nobody has met yet ends this too.
            if catch_up(self.sync, self.source).reason == "reached":
                break
        assert_equal(self.source, self.target, NAMES)
        align(self.sync)
        for name in ("ticket", "ledger_id_seq"):
            query = f"SELECT nextval('{name}')"
            assert self.target.value(query) == self.source.value(query), name

    def _take_leave(self) -> None:
        if self.applier is None:
            return
        self.applier.wait()
        seen, self.applier = self.applier.seen, None
        self.starts += sum(isinstance(event, ApplierStarted) for event in seen)
        self.changes += sum(event.changes for event in seen if isinstance(event, BatchApplied))
        for failure in (event for event in seen if isinstance(event, ApplierFailed)):
            assert failure.retryable or is_meant(str(failure.error)), failure


def is_meant(message: str) -> bool:
    """Tell whether it speaks of what was done to the target's disk here."""
    return any(words in message for words in MADE_TO_FAIL)


def persist(action: Callable[[], object], within: float = 150) -> None:
    """Do something of which a server that is down, or a lock that a frozen session holds, may keep us."""
    deadline = time.monotonic() + within
    while True:
        try:
            action()
        except (psycopg.OperationalError, ConnectionFailed) as error:
            if time.monotonic() > deadline:
                raise
            _LOG.debug("Again: %s", error)
            time.sleep(0.3)
        except AdbsyncError as error:
            if not error.retryable or time.monotonic() > deadline:
                raise
            time.sleep(0.3)
        else:
            return
