"""A session on the target that runs statements, and notes in their transaction that they have run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Self

import psycopg

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import Connection, classify, connect, typed_errors
from airflow_adbsync.engine.errors import ConnectionFailed
from airflow_adbsync.engine.retry import with_retries
from airflow_adbsync.engine.schema.outcome import Failure
from airflow_adbsync.engine.schema.statement import Statement
from airflow_adbsync.engine.schema.watching import Work
from airflow_adbsync.engine.sync import Sync

# Function bodies may name what comes later; an index may take longer than the target lets a query take.
SETTINGS = {
    "check_function_bodies": "off",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "client_min_messages": "warning",
    # A crash takes a statement and the note of it away together; what commits later comes after both.
    "synchronous_commit": "off",
}


def message(error: psycopg.Error) -> str:
    """What the server said, in a line."""
    said = error.diag.message_primary or str(error).strip()
    return f"{said} ({error.diag.message_detail})" if error.diag.message_detail else said


class Runner:
    """A session that is opened when it is first needed, and again when it is lost."""

    def __init__(self, sync: Sync) -> None:
        self._target = sync.target
        self._sync_id = sync.sync_id
        self._retry_for = sync.config.load.retry_for
        memory = sync.config.schema_options.maintenance_work_mem
        self._settings = SETTINGS | ({"maintenance_work_mem": f"{memory >> 10}kB"} if memory else {})
        self._conn: Connection | None = None
        self._work: Work | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._conn is not None:
            self._conn.close()

    @property
    def at_work(self) -> tuple[int, Work] | None:
        """The session's backend pid, and what it is at; for other threads."""
        conn, work = self._conn, self._work
        if conn is None or work is None or conn.closed:
            return None
        return conn.info.backend_pid, work

    def run_together(self, statements: Sequence[Statement]) -> bool:
        """Run them in one transaction; tell whether that went well, for otherwise none has run."""
        try:
            self._execute(statements)
        except (psycopg.Error, ConnectionFailed):
            return False
        finally:
            self._work = None
        return True

    def run_share(self, statements: Sequence[Statement]) -> list[Failure | None]:
        """Run statements that don't need each other: together, or where that fails each by itself."""
        if len(statements) > 1 and self.run_together(statements):
            return [None] * len(statements)
        return [self.run(item, perhaps_done=len(statements) > 1) for item in statements]

    def run(self, statement: Statement, *, perhaps_done: bool = False) -> Failure | None:
        """Run one statement; return how it failed, if the server refused it."""
        attempts = chain((self._again if perhaps_done else self._first,), repeat(self._again))

        def attempt() -> Failure | None:
            return next(attempts)(statement)

        try:
            return with_retries(attempt, self._retry_for)
        finally:
            self._work = None

    def _first(self, statement: Statement) -> Failure | None:
        try:
            self._execute([statement])
        except psycopg.Error as error:
            refused = classify(error, self._target, statement.object)
            if refused.retryable:
                raise refused from error
            return self._record(statement, error)
        return None

    def _is_done(self, statement: Statement) -> bool:
        with typed_errors(self._target, statement.object):
            return statement.object in state.statements.done(self._session(), self._sync_id)

    def _execute(self, statements: Sequence[Statement]) -> None:
        """In one simple query, which is one transaction and one round trip."""
        conn = self._session()
        more = f" and {len(statements) - 1} more" if len(statements) > 1 else ""
        self._work = Work(f"{statements[0].object}{more}", time.monotonic())
        note = state.statements.note_done(self._sync_id, [(item.object, item.sql) for item in statements])
        sql = ";\n".join(item.sql for item in statements)
        conn.execute(f"{sql};\n".encode() + note.as_bytes(conn))

    def _again(self, statement: Statement) -> Failure | None:
        """After a lost connection the statement may have been committed all the same."""
        return None if self._is_done(statement) else self._first(statement)

    def _record(self, statement: Statement, error: psycopg.Error) -> Failure | None:
        """A server doesn't miss a client that is gone: an earlier run's statement may have ended just now."""
        if self._is_done(statement):
            return None
        said = message(error)
        with typed_errors(self._target, f"noting that {statement.object} failed"):
            state.statements.record(self._session(), self._sync_id, statement.object, statement.sql, said)
        return Failure(statement.object, statement.sql, said, error.sqlstate or "")

    def _session(self) -> Connection:
        if self._conn is None or self._conn.closed:
            self._conn = connect(self._target, autocommit=True, **self._settings)
        return self._conn
