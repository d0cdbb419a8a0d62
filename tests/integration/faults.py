"""A sync under traffic, and everything that can happen to it meanwhile."""

from __future__ import annotations

import logging
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from airflow_adbsync.engine.events import ApplierFailed, ApplierStarted, BatchApplied
from airflow_adbsync.engine.load import Bin, load_bin
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.replication import request_stop
from airflow_adbsync.engine.sequences import align
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local import LocalServer
from tests.databases import Database
from tests.integration.applier_child import ApplierChild
from tests.integration.proxy import Proxy
from tests.integration.replicated import assert_equal, begin, catch_up, load, sync_of
from tests.integration.traffic import NAMES, ROWS, TABLES, Traffic

_LOG = logging.getLogger(__name__)
TABLE_NAMES = ("account", "ledger", "doc", "full_doc", "seat", "event", "visit", "Odd Name")
# What the source's server needs.
SOURCE_SETTINGS = {"max_prepared_transactions": "10"}
_DISK_IS_FULL = """
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE 'could not extend file: made to fail' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER no_room BEFORE INSERT OR UPDATE OR DELETE ON {0} EXECUTE FUNCTION no_room();
    ALTER TABLE {0} ENABLE ALWAYS TRIGGER no_room
"""


class Scene:
    """Two servers, a sync between them by way of proxies, its applier, and what happens to all of these.

    ``freeze`` is the longest time, in seconds, for which anything is frozen; ``bulk`` is how many rows the
    largest transactions change.
    """

    def __init__(
        self, source_server: LocalServer, target_server: LocalServer, *, freeze: float, bulk: int
    ) -> None:
        self.source_server, self.target_server = source_server, target_server
        self.source = Database(source_server.create_database("source"))
        self.target = Database(target_server.create_database("target"))
        for database in (self.source, self.target):
            database.execute(TABLES)
        self.source.execute(ROWS)
        self.source_proxy, self.target_proxy = Proxy(self.source.endpoint), Proxy(self.target.endpoint)
        direct = sync_of(self.source, self.target, retry_for="10min")
        self.sync: Sync = replace(
            direct, source=self.source_proxy.endpoint, target=self.target_proxy.endpoint
        )
        self.applier: ApplierChild | None = None
        self.pick = random.Random()
        self.freeze, self.bulk = freeze, bulk
        self.memory = self.starts = self.changes = self.transactions = 0
        self.met: Counter[str] = Counter()
        self._refuses: str | None = None
        self._left: list[Callable[[], None]] = []
        self.faults: tuple[Callable[[], None], ...] = (
            self.kill_applier,
            self.kill_applier_while_it_starts,
            self.withdraw_order,
            self.ask_to_stop,
            self.start_second_applier,
            self.freeze_applier,
            self.freeze_source,
            self.freeze_target,
            self.cut_source,
            self.cut_target,
            self.end_walsender,
            self.end_target_sessions,
            self.restart_target,
            self.restart_source,
            self.fill_disk,
            self.load_again,
        )

    def run(self, seconds: float, pauses: tuple[float, float]) -> None:
        """Traffic for so long, and until each fault has been met; then every table must be equal."""
        deadline = time.monotonic() + seconds
        with Traffic(self.source, rate=200, enduring=True, two_phases=0.1) as traffic:
            _LOG.info("The seed of the traffic is %d.", traffic.seed)
            while time.monotonic() < deadline or len(self.met) < len(self.faults):
                self.ensure_applier()
                time.sleep(self.pick.uniform(*pauses))
                self._deed()
                if self.pick.random() < 0.8:
                    self._wait_for_applier()
                self._fault()
        self.transactions += traffic.transactions
        self.settle()

    def settle(self) -> None:
        """Apply all that there is, and compare everything."""
        self.withdraw_order()
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
        _LOG.info(
            "All tables are equal: %d transactions, %d changes, %d starts, %d MB at most; faults: %s.",
            *(self.transactions, self.changes, self.starts, self.memory >> 20, dict(self.met)),
        )

    def close(self) -> None:
        """End what runs besides the servers."""
        self.kill_applier()
        self.source_proxy.close()
        self.target_proxy.close()

    def begin(self) -> None:
        """Bring the sync up to incremental."""
        begin(self.sync)
        load(self.sync)

    def ensure_applier(self) -> None:
        """Start one if there is none; whatever ended the last one must allow for another."""
        if self.applier is not None and self.applier.poll() is None:
            return
        self._take_leave()
        self.applier = ApplierChild(self.sync)

    def _wait_for_applier(self) -> None:
        """Until one is streaming: most faults should meet one at work."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            self.ensure_applier()
            assert self.applier is not None
            if any(isinstance(event, BatchApplied) for event in self.applier.seen):
                return
            time.sleep(0.05)

    def _take_leave(self) -> None:
        if self.applier is None:
            return
        self.applier.wait()
        seen, self.applier = self.applier.seen, None
        self.starts += sum(isinstance(event, ApplierStarted) for event in seen)
        self.changes += sum(event.changes for event in seen if isinstance(event, BatchApplied))
        for failure in (event for event in seen if isinstance(event, ApplierFailed)):
            assert failure.retryable or "made to fail" in str(failure.error), failure

    def _deed(self) -> None:
        """Now and then, before a fault, something that takes the applier a while."""
        if self.pick.random() < 0.3:
            self.pick.choice([self.change_very_much, self.change_very_much, self.truncate])()
            time.sleep(self.pick.uniform(0, 1.5))

    def _fault(self) -> None:
        if not self._left:
            self._left = self.pick.sample(self.faults, len(self.faults))
        fault = self._left.pop()
        self._note_memory()
        _LOG.info("%s: %s", fault.__name__, self.applier and self.applier.seen[-1:])
        fault()
        self.met[fault.__name__] += 1
        assert self.target.value("SELECT sum(amount) FROM ledger") == 0

    def _note_memory(self) -> None:
        if self.applier is not None and self.applier.poll() is None:
            self.memory = max(self.memory, self.applier.peak_memory())

    def kill_applier(self) -> None:
        if self.applier is not None and self.applier.poll() is None:
            self.applier.kill()
        self._take_leave()

    def kill_applier_while_it_starts(self) -> None:
        self.kill_applier()
        self.ensure_applier()
        time.sleep(self.pick.uniform(0.1, 1))
        self.kill_applier()

    def withdraw_order(self) -> None:
        if self.applier is not None and self.applier.poll() is None:
            self.applier.close_input()
            assert self.applier.wait(60) in (0, 1, 3)

    def ask_to_stop(self) -> None:
        request_stop(self.sync)

    def start_second_applier(self) -> None:
        with ApplierChild(self.sync):
            time.sleep(self.pick.uniform(0.5, 4))

    def freeze_applier(self) -> None:
        if self.applier is not None and self.applier.poll() is None:
            os.kill(self.applier.pid, signal.SIGSTOP)
            self._wait_frozen()
            os.kill(self.applier.pid, signal.SIGCONT)

    def freeze_source(self) -> None:
        self._freeze(self.source_proxy)

    def freeze_target(self) -> None:
        self._freeze(self.target_proxy)

    def _freeze(self, proxy: Proxy) -> None:
        proxy.freeze()
        self._wait_frozen()
        proxy.thaw()

    def _wait_frozen(self) -> None:
        time.sleep(self.pick.choice([1.0, self.pick.uniform(0.3, 1), self.pick.uniform(0, 1)]) * self.freeze)

    def cut_source(self) -> None:
        self._cut(self.source_proxy)

    def cut_target(self) -> None:
        self._cut(self.target_proxy)

    def _cut(self, proxy: Proxy) -> None:
        proxy.cut(self.pick.choice([self.pick.randint(0, 300), self.pick.randint(300, 30_000)]))

    def end_walsender(self) -> None:
        self.source.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active")

    def end_target_sessions(self) -> None:
        self.target.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'adbsync' AND pid <> pg_backend_pid()"
        )

    def restart_target(self) -> None:
        self.target_server.restart(self.pick.choice(["fast", "immediate", "immediate"]))

    def restart_source(self) -> None:
        self.source_server.restart(self.pick.choice(["fast", "immediate", "immediate"]))

    def fill_disk(self) -> None:
        """To the applier the target's disk is full for a while, or one table's quota is used up."""
        table = self.pick.choice(["account", "doc", "event"])
        self.target.execute(_DISK_IS_FULL.format(table))
        deadline = time.monotonic() + self.pick.uniform(1, 5)
        while time.monotonic() < deadline:
            self.ensure_applier()
            time.sleep(0.2)
        self.target.execute("DROP FUNCTION no_room() CASCADE")

    def load_again(self) -> None:
        table = self.pick.choice(TABLE_NAMES)
        load_bin(self.sync, Bin(0, (QualifiedName("public", table),), 0), reload=True)

    def change_very_much(self) -> None:
        rows = self.pick.choice([self.bulk, self.bulk // 10, self.bulk // 100])
        self.source.execute(
            f"BEGIN; CREATE TEMP TABLE many AS SELECT generate_series(1000, 999 + {rows}) AS n;"
            "INSERT INTO account SELECT n, 'many', n FROM many; UPDATE account SET balance = -n FROM many "
            "WHERE id = n; DELETE FROM account WHERE id >= 1000 AND id % 100 > 0; COMMIT;"
            "DELETE FROM account WHERE id >= 1000"
        )

    def truncate(self) -> None:
        self.source.execute("BEGIN; TRUNCATE event; INSERT INTO event VALUES ('after', 1, NULL); COMMIT")
