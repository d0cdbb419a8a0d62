"""A large table and a keyless one under live writes, and differences planted in them on the target."""

from __future__ import annotations

import random
import threading
from types import TracebackType
from typing import Self

from tests.databases import Database

TABLES = """
    CREATE TABLE big (id int PRIMARY KEY, a text, b text, n numeric(12, 2), at timestamptz, doc jsonb);
    CREATE TABLE log (kind text, n int, note text);
    CREATE TABLE hot (id int PRIMARY KEY, n bigint);
"""
# Keys that end in 0 are left to the test.
PLANT = """
    UPDATE big SET a = overlay(a PLACING 'X' FROM 3 FOR 1) WHERE id = 100;
    UPDATE big SET n = n + 0.01 WHERE id = 5000;
    DELETE FROM big WHERE id IN (70, 12340);
    INSERT INTO big VALUES (-10, 'extra', NULL, 0, now(), NULL), (2000000000, '', NULL, 0, now(), '{}');
    UPDATE big SET a = NULL, b = a WHERE id = 7770;
    INSERT INTO log SELECT * FROM log WHERE n = 300;
    DELETE FROM log WHERE n = 4000;
    UPDATE log SET note = NULL WHERE n = 5000;
"""
FOUND = {
    ("big", "different", "id=100"),
    ("big", "different", "id=5000"),
    ("big", "different", "id=7770"),
    ("big", "missing on target", "id=70"),
    ("big", "missing on target", "id=12340"),
    ("big", "missing on source", "id=-10"),
    ("big", "missing on source", "id=2000000000"),
    ("log", "missing on source", '(kind,300,"")'),
    ("log", "missing on target", '(kind,4000,"")'),
    ("log", "missing on target", '(kind,5000,"")'),
    ("log", "missing on source", "(kind,5000,)"),
}


def fill(rows: int) -> str:
    """The rows at the beginning; a tenth as many in the keyless table."""
    return f"""
        INSERT INTO big SELECT n, 'text ' || n, NULL, n * 0.11, timestamptz '2026-01-01' + n * interval '1 s',
            jsonb_build_object('n', n) FROM generate_series(1, {rows}) n;
        INSERT INTO log SELECT 'kind', n, '' FROM generate_series(1, {rows // 10}) n;
        INSERT INTO hot VALUES (1, 0);
        ANALYZE;
    """


class Writes:
    """Writers on the source while the ``with`` lasts; they leave alone what is planted."""

    def __init__(self, source: Database, rows: int, *, rate: float = 100) -> None:
        self._source = source
        self._rows = rows
        self._pause = 1 / rate
        self._ending = threading.Event()
        self._failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(seed,)) for seed in range(2)]
        self.transactions = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def _run(self, seed: int) -> None:
        pick = random.Random(seed)
        try:
            with self._source.connect() as conn:
                while not self._ending.wait(self._pause):
                    conn.execute(self._transaction(pick, seed))  # type: ignore[call-overload]
                    self.transactions += 1
        except BaseException as error:  # noqa: BLE001 - raised where the writers are joined
            self._failures.append(error)

    def _transaction(self, pick: random.Random, seed: int) -> str:
        # One writer has the keys that end in 1 to 4, the other those that end in 6 to 9.
        key = pick.randrange(0, self._rows, 10) + 5 * seed + pick.randint(1, 4)
        return pick.choice(
            [
                f"UPDATE big SET a = 'changed ' || clock_timestamp(), n = n + 1 WHERE id = {key}",
                f"UPDATE big SET b = a, a = b WHERE id = {key}",
                f"DELETE FROM big WHERE id = {key}",
                f"INSERT INTO big VALUES ({key}, 'new', NULL, 1, now(), '[]') ON CONFLICT DO NOTHING",
                f"INSERT INTO log SELECT 'new', {key % 7}, NULL FROM generate_series(1, 3)",
                f"DELETE FROM log WHERE ctid = (SELECT ctid FROM log WHERE n = {key % 7 + 1} LIMIT 1)",
                "UPDATE hot SET n = n + 1",
            ]
        )
