"""Says now and then, in the task's log, how far the indexes are that are being built."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import psycopg

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.model import Endpoint

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Building:
    """A row of pg_stat_progress_create_index: blocks while a table is read, tuples while rows are put in."""

    phase: str
    blocks_done: int = 0
    blocks_total: int = 0
    tuples_done: int = 0
    tuples_total: int = 0

    def __str__(self) -> str:
        if self.tuples_total and self.tuples_done:
            return f"{self.phase}, {_share(self.tuples_done, self.tuples_total)} tuples"
        if self.blocks_total:
            return f"{self.phase}, {_share(self.blocks_done, self.blocks_total)} blocks"
        return self.phase


@dataclass(frozen=True, slots=True)
class Work:
    """What a session is at, and since when, by time.monotonic()."""

    object: str
    since: float


class Watch:
    """A thread that asks every so often; ``at_work`` says by backend pid what the sessions are at.

    That it can't ask is no reason to stop the work: it says nothing then.
    """

    def __init__(self, target: Endpoint, at_work: Callable[[], Mapping[int, Work]], every: timedelta) -> None:
        self._target = target
        self._at_work = at_work
        self._every = every.total_seconds()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="adbsync-index-progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            work = {pid: item for pid, item in self._at_work().items() if self._is_long(item)}
            if work:
                self._say(work)

    def _is_long(self, work: Work) -> bool:
        return time.monotonic() - work.since >= self._every

    def _say(self, work: Mapping[int, Work]) -> None:
        try:
            with connect(self._target, autocommit=True, statement_timeout="10s") as conn:
                rows = conn.execute(query(__package__, "index_progress"), {"pids": list(work)}).fetchall()
        except (AdbsyncError, psycopg.Error) as error:
            _LOG.debug("How far the indexes are can't be read: %s", error)
            return
        building = {pid: Building(*row) for pid, *row in rows}
        for pid, item in sorted(work.items(), key=lambda entry: entry[1].since):
            seconds = time.monotonic() - item.since
            _LOG.info("%s: %s, for %.0f s.", item.object, building.get(pid, "running"), seconds)


def _share(done: int, total: int) -> str:
    return f"{100 * done / total:.0f} % of {total:,}"
