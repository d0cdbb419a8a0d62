"""What has been compared, kept on the target for another attempt of the same run."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from airflow_adbsync.engine import state
from airflow_adbsync.engine.config import VerifyOptions
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state.verification_portions import StoredPortion
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify.compared import Compared
from airflow_adbsync.engine.verify.planning import Job
from airflow_adbsync.engine.verify.portions import Portion

_WRITE_EVERY = 2.0
Fingerprint = tuple[int, int]


class Notebook:
    """Notes of one run; without a run's name nothing is kept."""

    def __init__(self, sync: Sync, run: str | None) -> None:
        self._sync = sync
        self._run = run
        self._lock = threading.Lock()
        self._known: dict[tuple[QualifiedName, int], Fingerprint] = {}
        self._unwritten: list[StoredPortion] = []
        self._written_at = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._write()

    def stored(self, tables: Sequence[Compared], options: VerifyOptions) -> list[Job] | None:
        """How an earlier attempt of this run has cut the tables, or None."""
        if self._run is None:
            return None
        with connect(self._sync.target) as conn, typed_errors(self._sync.target, "reading the last attempt"):
            found = state.verification_portions.read(conn, self._sync.sync_id, self._name(options))
        self._options = options
        by_name = {table.name: table for table in tables}
        if {item.table for item in found} != by_name.keys():
            return None
        self._known = {
            (item.table, item.number): (item.rows, int(item.checksum or 0))
            for item in found
            if item.rows is not None
        }
        return [
            Job(
                by_name[item.table], Portion(item.number, item.lower, item.upper, item.percent), item.estimate
            )
            for item in sorted(found, key=lambda item: (-by_name[item.table].bytes, item.number))
        ]

    def begin(self, jobs: Sequence[Job]) -> None:
        """Keep what is going to be compared."""
        if self._run is None:
            return
        with connect(self._sync.target) as conn, typed_errors(self._sync.target, "storing the portions"):
            run = self._name(self._options)
            state.verification_portions.begin(conn, self._sync.sync_id, run, [_stored(job) for job in jobs])

    def known(self, job: Job) -> tuple[Fingerprint, Fingerprint] | None:
        """What an earlier attempt has found to be equal."""
        found = self._known.get((job.table.name, job.portion.number))
        return (found, found) if found else None

    def note(self, job: Job, found: Fingerprint) -> None:
        """Keep that a portion is equal; written from time to time."""
        if self._run is None:
            return
        with self._lock:
            self._unwritten.append(_stored(job, found))
            due = time.monotonic() - self._written_at >= _WRITE_EVERY
        if due:
            self._write()

    def _write(self) -> None:
        with self._lock:
            items, self._unwritten = self._unwritten, []
            self._written_at = time.monotonic()
        if items:
            with (
                connect(self._sync.target) as conn,
                typed_errors(self._sync.target, "storing equal portions"),
            ):
                state.verification_portions.equal(conn, self._sync.sync_id, items)

    def _name(self, options: VerifyOptions) -> str:
        """Portions compared in another way don't count."""
        return f"{self._run} {options.mode} {options.sample} {options.chunk_rows}"


def _portion(item: StoredPortion) -> Portion:
    return Portion(item.number, item.lower, item.upper, item.percent)


def _stored(job: Job, found: Fingerprint | None = None) -> StoredPortion:
    portion = job.portion
    rows, checksum = (found[0], str(found[1])) if found else (None, None)
    return StoredPortion(
        job.table.name,
        portion.number,
        portion.lower,
        portion.upper,
        portion.percent,
        job.rows,
        rows,
        checksum,
    )
