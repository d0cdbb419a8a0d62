"""Runs statements on the target, each in a transaction of its own that also notes it as done."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, repeat
from queue import SimpleQueue
from typing import Self

import psycopg

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection, classify, connect, typed_errors
from airflow_adbsync.engine.errors import ConnectionFailed
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.retry import with_retries
from airflow_adbsync.engine.schema.outcome import Failure
from airflow_adbsync.engine.schema.statement import Statement
from airflow_adbsync.engine.schema.waves import runs, waves

_LOG = logging.getLogger(__name__)
# Function bodies may name what comes later; an index may take longer than the target lets a query take.
_SETTINGS = {
    "check_function_bodies": "off",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "client_min_messages": "warning",
    # A crash takes a statement and the note of it away together; what commits later comes after both.
    "synchronous_commit": "off",
}
_PARALLEL = 4
# Each takes locks, of which a server has 64 for each connection by default.
_TOGETHER = 50


@dataclass(slots=True)
class Applied:
    """How far a run has come."""

    done: set[str]
    ran: int = 0
    failures: list[Failure] = field(default_factory=list)


def apply(target: Endpoint, sync_id: str, statements: Sequence[Statement], retry_for: timedelta) -> Applied:
    """Run what has not run yet, in order; long statements that don't touch each other run side by side.

    A statement that the server refuses is noted with its error; what needs it is not tried, the rest is.
    Deadlocks and lost connections are tried again for ``retry_for``.

    Raises:
        ConnectionFailed, TransientServerError: the run broke off; the next one continues where it stopped.
    """
    with ExitStack() as stack:
        runners: SimpleQueue[_Runner] = SimpleQueue()
        for _ in range(_PARALLEL):
            runners.put(stack.enter_context(_Runner(target, sync_id, retry_for)))
        pool = stack.enter_context(ThreadPoolExecutor(_PARALLEL))

        def run(statement: Statement) -> Failure | None:
            runner = runners.get()
            try:
                return runner.run(statement)
            finally:
                runners.put(runner)

        first = runners.get()
        runners.put(first)
        applied = _begin(target, sync_id)
        left = waves(item for item in statements if item.object not in applied.done)
        for wave in runs(left, _TOGETHER):
            if wave[0].section.short:
                _run_in_turn(applied, wave, first)
                continue
            ready = list(_triable(wave, applied))
            for statement, failure in zip(ready, pool.map(run, ready), strict=True):
                _note(applied, statement, failure)
    return applied


def _run_in_turn(applied: Applied, statements: Sequence[Statement], runner: _Runner) -> None:
    """All in one transaction; where that fails, each in its own."""
    ready = list(_triable(statements, applied))
    if len(ready) == len(statements) and runner.run_together(ready):
        for statement in ready:
            _note(applied, statement, None)
        return
    for statement in ready:
        for triable in _triable([statement], applied):
            _note(applied, triable, runner.run(triable, perhaps_done=True))


def refresh(target: Endpoint, statements: Sequence[str]) -> list[Failure]:
    """Run statements that are run again each time; return those that the server refused."""
    failures = []
    with connect(target, autocommit=True, **_SETTINGS) as conn:
        for sql in statements:
            try:
                conn.execute(sql.encode())
            except psycopg.Error as error:
                refused = classify(error, target, sql)
                if refused.retryable:
                    raise refused from error
                failures.append(Failure(sql, sql, _message(error), error.sqlstate or ""))
    return failures


def _begin(target: Endpoint, sync_id: str) -> Applied:
    with connect(target) as conn, typed_errors(target, "reading which statements have run"):
        return Applied(set(state.statements.done(conn, sync_id)))


def _triable(wave: Sequence[Statement], applied: Applied) -> Iterator[Statement]:
    failed = {failure.object for failure in applied.failures}
    for statement in wave:
        if broken := sorted(statement.needs & failed):
            applied.failures.append(
                Failure(statement.object, statement.sql, f"not tried: it needs {broken[0]}")
            )
        else:
            yield statement


def _note(applied: Applied, statement: Statement, failure: Failure | None) -> None:
    if failure is None:
        applied.done.add(statement.object)
        applied.ran += 1
    else:
        _LOG.warning("%s: %s", failure.object, failure.error)
        applied.failures.append(failure)


def _message(error: psycopg.Error) -> str:
    message = error.diag.message_primary or str(error).strip()
    return f"{message} ({error.diag.message_detail})" if error.diag.message_detail else message


class _Runner:
    """A session that is opened when it is first needed, and again when it is lost."""

    def __init__(self, target: Endpoint, sync_id: str, retry_for: timedelta) -> None:
        self._target = target
        self._sync_id = sync_id
        self._retry_for = retry_for
        self._conn: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._conn is not None:
            self._conn.close()

    def run_together(self, statements: Sequence[Statement]) -> bool:
        """Run them in one transaction; tell whether that went well, for otherwise none has run."""
        try:
            conn = self._session()
            with conn.transaction():
                conn.execute(";\n".join(item.sql for item in statements).encode())
                state.statements.record_done(
                    conn, self._sync_id, [(item.object, item.sql) for item in statements]
                )
        except (psycopg.Error, ConnectionFailed):
            return False
        return True

    def run(self, statement: Statement, *, perhaps_done: bool = False) -> Failure | None:
        """Run one statement; return how it failed, if the server refused it."""
        attempts = chain((self._again if perhaps_done else self._first,), repeat(self._again))

        def attempt() -> Failure | None:
            return next(attempts)(statement)

        return with_retries(attempt, self._retry_for)

    def _first(self, statement: Statement) -> Failure | None:
        conn = self._session()
        try:
            with conn.transaction():
                conn.execute(statement.sql)
                state.statements.record(conn, self._sync_id, statement.object, statement.sql)
        except psycopg.Error as error:
            refused = classify(error, self._target, statement.object)
            if refused.retryable:
                raise refused from error
            return self._record(statement, error)
        return None

    def _again(self, statement: Statement) -> Failure | None:
        """After a lost connection the statement may have been committed all the same."""
        with typed_errors(self._target, statement.object):
            done = state.statements.done(self._session(), self._sync_id)
        return None if statement.object in done else self._first(statement)

    def _record(self, statement: Statement, error: psycopg.Error) -> Failure:
        message = _message(error)
        with typed_errors(self._target, f"noting that {statement.object} failed"):
            state.statements.record(self._session(), self._sync_id, statement.object, statement.sql, message)
        return Failure(statement.object, statement.sql, message, error.sqlstate or "")

    def _session(self) -> Connection:
        if self._conn is None or self._conn.closed:
            self._conn = connect(self._target, autocommit=True, **_SETTINGS)
        return self._conn
