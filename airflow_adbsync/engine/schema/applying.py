"""Runs statements on the target, each in a transaction of its own that also notes it as done."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import SimpleQueue

import psycopg

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import classify, connect, typed_errors
from airflow_adbsync.engine.model import Endpoint, QualifiedName
from airflow_adbsync.engine.schema.outcome import Failure
from airflow_adbsync.engine.schema.running import SETTINGS, Runner, message
from airflow_adbsync.engine.schema.statement import Statement
from airflow_adbsync.engine.schema.watching import Watch, Work
from airflow_adbsync.engine.schema.waves import runs, shares, waves
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
# Each takes locks, of which a server has 64 for each connection by default.
_TOGETHER = 50


@dataclass(slots=True)
class Applied:
    """How far a run has come; ``changed`` was made by an earlier one, from another definition."""

    done: set[str]
    ran: int = 0
    failures: list[Failure] = field(default_factory=list)
    changed: tuple[str, ...] = ()


def apply(sync: Sync, statements: Sequence[Statement]) -> Applied:
    """Run what has not run yet, in order; long statements that don't touch each other run side by side.

    A statement that the server refuses is noted with its error; what needs it is not tried, the rest is.
    Deadlocks and lost connections are tried again for ``load.retry_for``.

    Raises:
        ConnectionFailed, TransientServerError: the run broke off; the next one continues where it stopped.
    """
    with ExitStack() as stack:
        workers = sync.config.schema_options.index_workers
        every = [stack.enter_context(Runner(sync)) for _ in range(workers)]
        idle: SimpleQueue[Runner] = SimpleQueue()
        for runner in every:
            idle.put(runner)
        pool = stack.enter_context(ThreadPoolExecutor(workers))
        stack.enter_context(_watch(sync, every))

        def run(share: Sequence[Statement]) -> list[Failure | None]:
            runner = idle.get()
            try:
                return runner.run_share(share)
            finally:
                idle.put(runner)

        applied, large = _begin(sync, statements)
        left = waves(item for item in statements if item.object not in applied.done)
        for wave in runs(left, _TOGETHER):
            if wave[0].section.short:
                _run_in_turn(applied, wave, every[0])
                continue
            dealt = shares(_triable(wave, applied), large, _TOGETHER)
            for share, failures in zip(dealt, pool.map(run, dealt), strict=True):
                for statement, failure in zip(share, failures, strict=True):
                    _note(applied, statement, failure)
    return applied


def _run_in_turn(applied: Applied, statements: Sequence[Statement], runner: Runner) -> None:
    """All in one transaction; where that fails, each in its own."""
    ready = list(_triable(statements, applied))
    if len(ready) == len(statements) and runner.run_together(ready):
        for statement in ready:
            _note(applied, statement, None)
        return
    for statement in ready:
        for triable in _triable([statement], applied):
            _note(applied, triable, runner.run(triable, perhaps_done=True))


def _watch(sync: Sync, runners: Sequence[Runner]) -> Watch:
    def at_work() -> dict[int, Work]:
        return dict(found for runner in runners if (found := runner.at_work))

    return Watch(sync.target, at_work, sync.config.schema_options.report_every)


def refresh(target: Endpoint, statements: Sequence[str]) -> list[Failure]:
    """Run statements that are run again each time; return those that the server refused."""
    failures = []
    with connect(target, autocommit=True, **SETTINGS) as conn:
        for sql in statements:
            try:
                conn.execute(sql.encode())
            except psycopg.Error as error:
                refused = classify(error, target, sql)
                if refused.retryable:
                    raise refused from error
                failures.append(Failure(sql, sql, message(error), error.sqlstate or ""))
    return failures


def _begin(sync: Sync, statements: Sequence[Statement]) -> tuple[Applied, dict[QualifiedName, int]]:
    with connect(sync.target) as conn, typed_errors(sync.target, "reading which statements have run"):
        done = state.statements.done_as(conn, sync.sync_id)
        rows = conn.execute(query(__package__, "large_tables")).fetchall()
    changed = tuple(item.object for item in statements if done.get(item.object, item.sql) != item.sql)
    return Applied(set(done), changed=changed), {
        QualifiedName(schema, name): size for schema, name, size in rows
    }


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
