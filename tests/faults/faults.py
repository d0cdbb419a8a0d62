"""Everything that can happen to a sync under traffic, at a steady pace."""

from __future__ import annotations

import logging
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import psycopg

from airflow_adbsync.engine.errors import ConnectionFailed, StatementFailed
from airflow_adbsync.engine.load import Bin, load_bin
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.replication import request_stop
from tests.databases import Database
from tests.faults.scene import Scene, is_meant, persist
from tests.integration.applier_child import ApplierChild
from tests.integration.proxy import Proxy
from tests.integration.traffic import Traffic

_LOG = logging.getLogger(__name__)
TABLE_NAMES = ("account", "ledger", "doc", "full_doc", "seat", "event", "visit", "Odd Name")
_DISK_IS_FULL = """
    CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE 'could not extend file: made to fail' USING ERRCODE = '53100'; END $$;
    DROP TRIGGER IF EXISTS no_room ON {0};
    CREATE TRIGGER no_room BEFORE INSERT OR UPDATE OR DELETE ON {0} EXECUTE FUNCTION no_room();
    ALTER TABLE {0} ENABLE ALWAYS TRIGGER no_room
"""
# A segment of WAL, which a server that may not write one would crash over, and a little.
_LARGEST_FILE = (16 << 20) + (1 << 16)
_APPLIER_SESSIONS = "FROM pg_stat_activity WHERE application_name = 'adbsync' AND pid <> pg_backend_pid()"


class Faults:
    """What happens to a `Scene`: one thing after another, whether or not the last one is over.

    ``freeze`` is the longest time, in seconds, for which anything is frozen; ``bulk`` is how many rows the
    largest transactions change. As a context manager it waits, at its end, until everything is over.
    """

    def __init__(self, scene: Scene, *, freeze: float, bulk: int) -> None:
        self.scene = scene
        self.freeze, self.bulk = freeze, bulk
        self.pick = random.Random()
        self.transactions = self.looks = 0
        self.met: Counter[str] = Counter()
        self.gaps: list[float] = []
        self._left: list[Callable[[], None]] = []
        # What takes a while goes on beside what comes next.
        self._pool = ThreadPoolExecutor(12)
        self._under_way: dict[str, Future[None]] = {}
        self.all: tuple[Callable[[], None], ...] = (
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
            self.forbid_large_files,
            self.load_again,
        )

    def run(self, seconds: float, every: tuple[float, float]) -> None:
        """Traffic for so long, with a fault each so many seconds; then every table must be equal.

        The time between two faults is that between their beginnings.
        """
        ends = time.monotonic() + seconds
        last: float | None = None
        with Traffic(self.scene.source, rate=150, enduring=True, two_phases=0.1) as traffic:
            _LOG.info("The seed of the traffic is %d.", traffic.seed)
            due = time.monotonic() + self.pick.uniform(*every)
            while (now := time.monotonic()) < ends:
                if now >= due:
                    self.gaps += [] if last is None else [now - last]
                    last, due = now, now + self.pick.uniform(*every)
                    self._fault()
                self.scene.ensure_applier()
                self._look()
                time.sleep(0.2)
            self._finish()
        self.transactions += traffic.transactions
        self.scene.settle()
        _LOG.info("All tables are equal: %s.", self)

    def __str__(self) -> str:
        scene, gaps = self.scene, self.gaps
        return (
            f"{self.transactions} transactions, {scene.changes} changes, {scene.starts} starts, "
            f"{scene.memory >> 20} MB at most; {self.looks} looks in between; {self.met.total()} faults, "
            f"{min(gaps):.1f} to {max(gaps):.1f} s apart, {sum(gaps) / len(gaps):.1f} on average: "
            f"{dict(self.met)}"
        )

    def _finish(self) -> None:
        """Until everything is over that was begun; what failed there has failed here."""
        while any(not future.done() for future in self._under_way.values()):
            self.scene.ensure_applier()
            time.sleep(0.2)
        self._raise()

    def _raise(self) -> None:
        for future in self._under_way.values():
            if future.done():
                future.result()

    def _fault(self) -> None:
        self._raise()
        if not self._left:
            self._left = self.pick.sample(self.all, len(self.all))
        fault = next((each for each in self._left if not self._is_under_way(each.__name__)), self._left[0])
        self._left.remove(fault)
        self.scene.note_memory()
        if self.pick.random() < 0.3:
            self._begin(
                "deed", self.pick.choice([self._change_very_much, self._change_very_much, self._truncate])
            )
        _LOG.info("%s: %s", fault.__name__, self.scene.applier and self.scene.applier.seen[-1:])
        fault()
        self.met[fault.__name__] += 1

    def _is_under_way(self, name: str) -> bool:
        return name in self._under_way and not self._under_way[name].done()

    def _begin(self, name: str, action: Callable[[], None]) -> None:
        if not self._is_under_way(name):
            self._under_way[name] = self._pool.submit(action)

    def _look(self) -> None:
        """At any moment the target shows whole transactions; where one can be looked at."""
        with suppress(psycopg.OperationalError, ConnectionFailed):
            with self.scene.target.connect(lock_timeout="100ms") as conn:
                row = conn.execute("SELECT sum(amount) FROM ledger").fetchone()
            assert row == (0,)
            self.looks += 1

    def kill_applier(self) -> None:
        self.scene.kill_applier()

    def kill_applier_while_it_starts(self) -> None:
        self.scene.kill_applier_while_it_starts(self.pick)

    def withdraw_order(self) -> None:
        self.scene.withdraw_order()

    def ask_to_stop(self) -> None:
        self._begin("ask_to_stop", partial(persist, partial(request_stop, self.scene.direct)))

    def start_second_applier(self) -> None:
        def second() -> None:
            with ApplierChild(self.scene.sync):
                time.sleep(self.pick.uniform(0.5, 4))

        self._begin("start_second_applier", second)

    def freeze_applier(self) -> None:
        self.scene.ensure_applier()
        if (go_on := self.scene.stop_applier()) is not None:
            self._begin("freeze_applier", partial(self._wait_and, go_on))

    def freeze_source(self) -> None:
        self._freeze("freeze_source", self.scene.source_proxy)

    def freeze_target(self) -> None:
        self._freeze("freeze_target", self.scene.target_proxy)

    def _freeze(self, name: str, proxy: Proxy) -> None:
        proxy.freeze()
        self._begin(name, partial(self._wait_and, proxy.thaw))

    def _wait_and(self, then: Callable[[], None]) -> None:
        time.sleep(self.freeze * self.pick.choice([1.0, self.pick.uniform(0, 1)]))
        then()

    def cut_source(self) -> None:
        self._cut(self.scene.source_proxy)

    def cut_target(self) -> None:
        self._cut(self.scene.target_proxy)

    def _cut(self, proxy: Proxy) -> None:
        proxy.cut(self.pick.choice([self.pick.randint(0, 300), self.pick.randint(300, 30_000)]))

    def end_walsender(self) -> None:
        query = "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active"
        self._begin("end_walsender", partial(persist, partial(self.scene.source.execute, query)))

    def end_target_sessions(self) -> None:
        query = f"SELECT pg_terminate_backend(pid) {_APPLIER_SESSIONS}"
        self._begin("end_target_sessions", partial(persist, partial(self.scene.target.execute, query)))

    def restart_target(self) -> None:
        mode = self.pick.choice(["fast", "immediate", "immediate"])
        self._begin("restart_target", partial(self.scene.target_server.restart, mode))

    def restart_source(self) -> None:
        mode = self.pick.choice(["fast", "immediate", "immediate"])
        self._begin("restart_source", partial(self.scene.source_server.restart, mode))

    def fill_disk(self) -> None:
        """To the applier the target's disk is full for a while, or one table's quota is used up."""
        table = self.pick.choice(["account", "doc", "event"])

        def full() -> None:
            persist(partial(_execute, self.scene.target, _DISK_IS_FULL.format(table)))
            time.sleep(self.pick.uniform(1, 5))
            persist(partial(_execute, self.scene.target, "DROP FUNCTION IF EXISTS no_room() CASCADE"))

        self._begin("fill_disk", full)

    def forbid_large_files(self) -> None:
        """The sessions that apply may not let a file grow past a limit: the kernel refuses, as by a quota."""

        def forbid() -> None:
            for (pid,) in self.scene.target.fetch(f"SELECT pid {_APPLIER_SESSIONS}"):
                _limit_files_of(pid)
            persist(partial(self.scene.source.execute, _change_widely(60_000)))

        self._begin("forbid_large_files", partial(persist, forbid))

    def load_again(self) -> None:
        table = self.pick.choice(TABLE_NAMES)

        def load() -> None:
            try:
                load_bin(self.scene.sync, Bin(0, (QualifiedName("public", table),), 0), reload=True)
            except StatementFailed as error:
                if not is_meant(str(error)):
                    raise

        self._begin("load_again", partial(persist, load))

    def _change_very_much(self) -> None:
        rows = self.pick.choice([self.bulk, self.bulk // 10, self.bulk // 100])
        persist(partial(self.scene.source.execute, _change_many(rows)))

    def _truncate(self) -> None:
        text = "BEGIN; TRUNCATE event; INSERT INTO event VALUES ('after', 1, NULL); COMMIT"
        persist(partial(self.scene.source.execute, text))


def _execute(database: Database, statements: str) -> None:
    """All or none; who holds a lock for long is waited for outside of the queue."""
    with database.connect(lock_timeout="2s") as conn:
        conn.execute(statements.encode())


def _limit_files_of(pid: int) -> None:
    """Only its own account may do that to a server process, where root is not allowed everything."""
    process = Path(f"/proc/{pid}")
    with suppress(FileNotFoundError):
        account = process.stat()
        subprocess.run(
            ["prlimit", f"--pid={pid}", f"--fsize={_LARGEST_FILE}:"],
            check=process.exists(),
            **{"user": account.st_uid, "group": account.st_gid, "extra_groups": []}
            if os.geteuid() == 0
            else {},
        )


def _change_many(rows: int) -> str:
    return (
        f"BEGIN; CREATE TEMP TABLE many AS SELECT generate_series(1000, 999 + {rows}) AS n;"
        "INSERT INTO account SELECT n, 'many', n FROM many ON CONFLICT DO NOTHING;"
        "UPDATE account SET balance = -n FROM many WHERE id = n;"
        "DELETE FROM account WHERE id >= 1000 AND id % 100 > 0; COMMIT;"
        "DELETE FROM account WHERE id >= 1000"
    )


def _change_widely(rows: int) -> str:
    """Enough for a file to grow past the limit."""
    return (
        f"BEGIN; INSERT INTO account SELECT n, repeat('w', 400), n FROM generate_series(-{rows}, -1) n "
        "ON CONFLICT DO NOTHING; COMMIT; DELETE FROM account WHERE id < 0"
    )
