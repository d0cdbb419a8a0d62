"""The shop's customers: a process that keeps the source busy until it is told to stop.

Run as ``python -m airflow_adbsync.local.demo.shop.writer``. Its standard input's first line is an `Order` in
JSON, with the credentials; a line ``stop``, or the end of the input, stops it. It reports once a second on
its standard output, one JSON document a line, and once more, with ``final`` set, when it has stopped.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from random import Random
from threading import Event, Thread
from typing import Any, Self

import psycopg

from airflow_adbsync.engine.connect import Connection, connect
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.local.demo.shop.dice import Extent
from airflow_adbsync.local.demo.shop.tally import Tally
from airflow_adbsync.local.demo.shop.traffic import next_transaction

_SESSIONS = 2
_BEHIND = 1.0  # seconds; what a stall cost beyond this is not made up for


@dataclass(frozen=True, slots=True)
class Order:
    """Where to write, and how many transactions a second."""

    endpoint: Endpoint
    rate: float = 300.0
    seed: int = 1

    def to_json(self) -> dict[str, Any]:
        """With the password: for the standard input of the writer and nothing else."""
        return {"endpoint": self.endpoint.to_json(), "rate": self.rate, "seed": self.seed}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(Endpoint.from_json(document["endpoint"]), document["rate"], document["seed"])


def read_extent(connection: Connection) -> Extent:
    """Ask the shop how large it is."""
    row = connection.execute(
        """
        SELECT (SELECT max(id) FROM shop.customers), (SELECT max(id) FROM shop.orders),
               (SELECT max(id) FROM shop.products), (SELECT max(id) FROM shop.documents),
               (SELECT max("Employee Id") FROM "Back Office"."Employees")
        """
    ).fetchone()
    assert row is not None  # noqa: S101 - a query without FROM has one row
    return Extent(*row)


def keep_writing(order: Order, session: int, tally: Tally, stop: Event) -> None:
    """Send transactions at this session's share of the rate, each in one round trip, until told to stop."""
    rng = Random(order.seed * 1000 + session)  # noqa: S311 - chance for a demo, not a secret
    with connect(order.endpoint, autocommit=True) as connection:
        extent = read_extent(connection)
        pause = _SESSIONS / order.rate
        due = time.monotonic()
        while not stop.wait(max(0.0, due - time.monotonic())):
            transaction = next_transaction(rng, extent)
            tally.count(transaction.kind, failed=not _sent(connection, transaction.sql))
            due = max(due + pause, time.monotonic() - _BEHIND)


def hold_open(order: Order, tally: Tally, stop: Event) -> None:
    """Keep transactions open for a while: some are always in progress when a table is read."""
    rng = Random(order.seed)  # noqa: S311
    with connect(order.endpoint, autocommit=True) as connection:
        extent = read_extent(connection)
        while not stop.is_set():
            transaction = next_transaction(rng, extent)
            sent = _sent(connection, transaction.begun)
            stop.wait(0.2 + rng.random())
            tally.count("held_open", failed=not (_sent(connection, transaction.ending) and sent))
            stop.wait(rng.random())


def _sent(connection: Connection, sql: str) -> bool:
    """Send statements as one message; where a deadlock or a lost race ends them, the shop goes on."""
    try:
        connection.execute(sql.encode())
    except (psycopg.errors.IntegrityError, psycopg.errors.OperationalError) as error:
        if connection.closed or error.sqlstate is None:
            raise
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        connection.execute("ROLLBACK")
        return False
    return True


def _wait_for_stop(stop: Event) -> None:
    for line in sys.stdin:
        if line.strip() == "stop":
            break
    stop.set()


def main() -> int:
    """Write until stopped; return the exit status."""
    order = Order.from_json(json.loads(sys.stdin.readline()))
    stop, tally = Event(), Tally()
    failures: list[BaseException] = []

    def session(work: Any, *arguments: Any) -> None:
        try:
            work(*arguments)
        except BaseException as error:  # noqa: BLE001 - it is reported below, by the thread that can exit
            failures.append(error)
            stop.set()

    workers = [
        *(Thread(target=session, args=(keep_writing, order, n, tally, stop)) for n in range(_SESSIONS)),
        Thread(target=session, args=(hold_open, order, tally, stop)),
    ]
    Thread(target=_wait_for_stop, args=(stop,), daemon=True).start()
    for worker in workers:
        worker.start()
    while not stop.wait(1.0):
        print(json.dumps(asdict(tally.report())), flush=True)
    for worker in workers:
        worker.join()
    print(json.dumps(asdict(tally.report(final=True))), flush=True)
    for failure in failures:
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
