"""Tables of every kind that replication treats differently, and writers that never leave them alone."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import psycopg

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import ConnectionFailed
from tests.databases import Database

TABLES = """
    CREATE TABLE account (id int PRIMARY KEY, name text, balance numeric(12, 2), touched timestamptz);
    CREATE TABLE ledger (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account int, amount int);
    CREATE TABLE doc (id int PRIMARY KEY, title text, body text, other text, words int GENERATED ALWAYS
        AS (length(title)) STORED);
    ALTER TABLE doc ALTER body SET STORAGE EXTERNAL, ALTER other SET STORAGE EXTERNAL;
    CREATE TABLE full_doc (id int PRIMARY KEY, n int, body text);
    ALTER TABLE full_doc ALTER body SET STORAGE EXTERNAL;
    ALTER TABLE full_doc REPLICA IDENTITY FULL;
    CREATE TABLE seat (id int PRIMARY KEY, place int NOT NULL UNIQUE, note text);
    CREATE TABLE event (kind text, n int, doc json);
    CREATE TABLE visit (id int, day date, n int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM ('2026-01-01') TO ('2026-01-16');
    CREATE TABLE visit_2 PARTITION OF visit FOR VALUES FROM ('2026-01-16') TO ('2026-02-01');
    CREATE TABLE "Odd Name" ("Key" text COLLATE "C", "part 2" int, "say ""so"" it" text,
        PRIMARY KEY ("part 2", "Key"));
    CREATE SEQUENCE ticket INCREMENT 3;
"""
NAMES = ("account", "ledger", "doc", "full_doc", "seat", "event", "visit", '"Odd Name"')
ROWS = """
    INSERT INTO account SELECT n, 'name ' || n, n, now() FROM generate_series(1, 400) n;
    INSERT INTO ledger (account, amount) SELECT n, n FROM generate_series(1, 100) n;
    INSERT INTO ledger (account, amount) SELECT n, -n FROM generate_series(1, 100) n;
    INSERT INTO doc SELECT n, 'title ' || n, repeat('b' || n, 2000), repeat('o', 4000)
        FROM generate_series(1, 60) n;
    INSERT INTO full_doc SELECT n, n, repeat('f' || n, 2000) FROM generate_series(1, 40) n;
    INSERT INTO seat SELECT n, n, repeat('s', 3000) FROM generate_series(1, 60) n;
    INSERT INTO event SELECT 'kind ' || n % 5, n % 20, '{"a": 1}' FROM generate_series(1, 200) n;
    INSERT INTO visit SELECT n, date '2026-01-01' + n % 31, n FROM generate_series(1, 200) n;
    INSERT INTO "Odd Name" SELECT 'key ' || n, n % 7, 'x' FROM generate_series(1, 100) n;
"""
# What another writer does at the same time can make any of these fail: the transaction is then rolled back.
# What another writer's change can do to one's own: a row may also have moved to another partition.
_IN_THE_WAY = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)


def _account(pick: random.Random) -> str:
    key, other = pick.randint(1, 500), pick.randint(1, 500)
    return pick.choice(
        [
            f"INSERT INTO account VALUES ({key}, 'new', 1, now()) ON CONFLICT DO NOTHING",
            f"UPDATE account SET balance = balance + 0.01, touched = now() WHERE id = {key}",
            f"UPDATE account SET balance = balance * 1.01 WHERE id BETWEEN {key} AND {key + 5}",
            f"UPDATE account SET name = E'tab\\t\\\\line\\n{key}' WHERE id = {key}",
            (
                f"UPDATE account SET id = {other}, name = NULL WHERE id = {key} "
                f"AND NOT EXISTS (SELECT FROM account WHERE id = {other})"
            ),
            f"DELETE FROM account WHERE id = {key}",
            f"DELETE FROM account WHERE id = {key}; INSERT INTO account VALUES ({key}, 'again', 0)",
        ]
    )


def _ledger(pick: random.Random) -> str:
    """Whatever happens, the amounts add up to nothing: so they must at any moment on the target too."""
    amount, low = pick.randint(1, 1000), pick.randint(1, 300)
    return pick.choice(
        [
            f"INSERT INTO ledger (account, amount) VALUES (1, {amount}), (2, -{amount})",
            (
                f"UPDATE ledger SET amount = -amount WHERE id BETWEEN {low} AND {low + 10}; "
                f"UPDATE ledger SET amount = -amount WHERE id BETWEEN {low} AND {low + 10}"
            ),
            (
                f"WITH gone AS (DELETE FROM ledger WHERE id = {low} RETURNING amount) "
                "INSERT INTO ledger (account, amount) SELECT 3, amount FROM gone"
            ),
            f"UPDATE ledger SET id = DEFAULT WHERE id = {low}",
        ]
    )


def _doc(pick: random.Random) -> str:
    key = pick.randint(1, 80)
    return pick.choice(
        [
            f"INSERT INTO doc VALUES ({key}, 'new', repeat('n{key}', 1500), NULL) ON CONFLICT DO NOTHING",
            f"UPDATE doc SET title = title || '.' WHERE id = {key}",
            f"UPDATE doc SET body = repeat('c{pick.randint(1, 99)}', 1500) WHERE id = {key}",
            f"UPDATE doc SET other = NULL, title = 'o' WHERE id = {key}",
            f"UPDATE doc SET other = repeat('p', 3000) WHERE id BETWEEN {key} AND {key + 3}",
            (
                f"UPDATE doc SET id = id + 100, title = 'moved' WHERE id = {key} "
                f"AND NOT EXISTS (SELECT FROM doc WHERE id = {key + 100})"
            ),
            f"DELETE FROM doc WHERE id IN ({key}, {key + 100})",
            f"UPDATE full_doc SET n = n + 1 WHERE id = {key}",
            (
                f"UPDATE full_doc SET id = -id, n = 0 WHERE id = {key} "
                f"AND NOT EXISTS (SELECT FROM full_doc WHERE id = -{key})"
            ),
            (
                f"DELETE FROM full_doc WHERE abs(id) = {key}; "
                f"INSERT INTO full_doc VALUES ({key}, 1, repeat('g', 4000))"
            ),
        ]
    )


def _seat(pick: random.Random) -> str:
    """Two rows trade places under a unique constraint, by way of a place that nobody has."""
    one, other = pick.sample(range(1, 61), 2)
    return (
        f"SELECT FROM seat WHERE id IN ({one}, {other}) ORDER BY id FOR UPDATE; "
        f"UPDATE seat SET place = -place WHERE id = {one}; "
        f"UPDATE seat SET place = (SELECT -place FROM seat WHERE id = {one}) WHERE id = {other}; "
        f"UPDATE seat SET place = (SELECT 1830 - sum(place) FROM seat WHERE id <> {one}) WHERE id = {one}"
    )


def _event(pick: random.Random) -> str:
    one = f"ctid = (SELECT ctid FROM event WHERE n = {pick.randint(0, 19)} LIMIT 1 FOR UPDATE SKIP LOCKED)"
    return pick.choice(
        [
            f"INSERT INTO event VALUES ('kind 1', {pick.randint(0, 19)}, NULL)",
            f"INSERT INTO event SELECT 'same', 7, '{{}}' FROM generate_series(1, {pick.randint(1, 4)})",
            f"UPDATE event SET n = {pick.randint(0, 19)} WHERE {one}",
            f"DELETE FROM event WHERE {one}",
        ]
    )


def _visit(pick: random.Random) -> str:
    key, day = pick.randint(1, 250), pick.randint(0, 30)
    return pick.choice(
        [
            f"INSERT INTO visit VALUES ({key}, date '2026-01-01' + {day}, 0) ON CONFLICT DO NOTHING",
            f"UPDATE visit SET n = n + 1 WHERE id = {key}",
            (
                f"UPDATE visit SET day = date '2026-01-01' + {day} WHERE id = {key} "
                f"AND NOT EXISTS (SELECT FROM visit WHERE id = {key} AND day = date '2026-01-01' + {day})"
            ),
            f"DELETE FROM visit WHERE id = {key}",
        ]
    )


def _odd(pick: random.Random) -> str:
    key, part = pick.randint(1, 120), pick.randint(0, 9)
    return pick.choice(
        [
            f"INSERT INTO \"Odd Name\" VALUES ('key {key}', {part}, '\\.') ON CONFLICT DO NOTHING",
            f'UPDATE "Odd Name" SET "say ""so"" it" = \'{part}\' WHERE "Key" = \'key {key}\'',
            f'DELETE FROM "Odd Name" WHERE "part 2" = {part} AND "Key" LIKE \'key {key}%\'',
        ]
    )


def _ticket(pick: random.Random) -> str:
    return "SELECT nextval('ticket')"


_STEPS: tuple[Callable[[random.Random], str], ...] = (
    *(_account, _ledger, _doc, _seat, _event, _visit, _odd),
    _ticket,
)


def transaction(pick: random.Random) -> str:
    """A transaction of a few steps; some of them in subtransactions, some of those taken back."""
    steps = []
    for _ in range(pick.choice([1, 1, 1, 2, 3, 6])):
        step = pick.choice(_STEPS)(pick)
        match pick.randint(1, 10):
            case 1:
                step = f"SAVEPOINT s; {step}; RELEASE s"
            case 2:
                step = f"SAVEPOINT s; {step}; ROLLBACK TO s"
        steps.append(step)
    end = "ROLLBACK" if pick.random() < 0.07 else "COMMIT"
    return f"BEGIN; {'; '.join(steps)}; {end}"


class Traffic:
    """Writers at work while the ``with`` lasts; each does about ``rate`` transactions a second.

    What each does follows from the seed; in which order they meet does not. ``enduring`` writers come back
    after they have lost their connection. ``two_phases`` is the share of transactions that are prepared first
    (PostgreSQL doc: PREPARE TRANSACTION); a server that allows it is needed.
    """

    def __init__(
        self,
        source: Database,
        *,
        writers: int = 2,
        rate: float = 150,
        enduring: bool = False,
        two_phases: float = 0,
    ) -> None:
        self.seed = random.randrange(1 << 32)
        self._enduring = enduring
        self._two_phases = two_phases
        self._source = source
        self._rate = rate
        self._ending = threading.Event()
        self._picks = [random.Random(self.seed + number) for number in range(writers)]
        self._committed = [0] * writers
        self._failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(writers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def transactions(self) -> int:
        """How many have committed."""
        return sum(self._committed)

    def stop(self) -> None:
        """Stop writing; a writer's failure is the test's."""
        self._ending.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def _run(self, number: int) -> None:
        try:
            while not self._ending.is_set():
                self._connect(number)
        except BaseException as error:  # noqa: BLE001 - raised where the writers are stopped
            self._failures.append(error)

    def _connect(self, number: int) -> None:
        try:
            with self._source.connect() as conn:
                self._finish_prepared(conn, number)
                self._write(conn, number)
        except (psycopg.OperationalError, ConnectionFailed):
            if not self._enduring:
                raise
            self._ending.wait(0.2)

    def _write(self, conn: Connection, number: int) -> None:
        pick = self._picks[number]
        due = time.monotonic()
        while not self._ending.is_set():
            try:
                self._run_one(conn, number, transaction(pick))
                self._committed[number] += 1
            except _IN_THE_WAY:
                conn.execute("ROLLBACK")
            # Behind schedule it catches up, but not without end.
            due = max(due + 1 / self._rate, time.monotonic() - 0.5)
            self._ending.wait(max(0.0, due - time.monotonic()))

    def _run_one(self, conn: Connection, number: int, text: str) -> None:
        pick = self._picks[number]
        if pick.random() >= self._two_phases or not text.endswith("COMMIT"):
            conn.execute(text)  # type: ignore[call-overload]
            return
        conn.execute(f"{text.removesuffix('COMMIT')} PREPARE TRANSACTION 'writer {number}'")  # type: ignore[call-overload]
        self._ending.wait(pick.choice([0, 0, 0.1]))
        conn.execute(f"{pick.choice(['COMMIT', 'COMMIT', 'ROLLBACK'])} PREPARED 'writer {number}'")  # type: ignore[call-overload]

    def _finish_prepared(self, conn: Connection, number: int) -> None:
        """What was prepared outlives its session, and its server's crash."""
        for _ in conn.execute("SELECT FROM pg_prepared_xacts WHERE gid = %s", [f"writer {number}"]):
            conn.execute(f"COMMIT PREPARED 'writer {number}'")  # type: ignore[call-overload]
