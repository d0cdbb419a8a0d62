"""Comparing the sync's tables."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import read_server
from airflow_adbsync.engine.config import VerifyMode, VerifyOptions
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.events import EventSink, TableVerified, ignore
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state.verifications import TableVerification
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify.both import Both, open_both
from airflow_adbsync.engine.verify.compared import Compared
from airflow_adbsync.engine.verify.planning import Job, plan
from airflow_adbsync.engine.verify.portion_check import PortionCheck
from airflow_adbsync.engine.verify.resuming import Notebook
from airflow_adbsync.engine.verify.side import Side
from airflow_adbsync.engine.verify.statements import Hashing
from airflow_adbsync.engine.verify.tables import read_tables
from airflow_adbsync.engine.verify.tally import Tally
from airflow_adbsync.engine.verify.tide import Tide

_LOG = logging.getLogger(__name__)


def verify(
    sync: Sync,
    on_event: EventSink = ignore,
    options: VerifyOptions | None = None,
    run: str | None = None,
) -> tuple[TableVerification, ...]:
    """Compare the rows of the sync's tables, and store the results.

    While changes are being applied the target is always a little behind: rows that differ are looked at again
    once the target has passed the place at which the source was read, before the difference counts.

    ``options`` take the place of the configuration's. ``run`` names this verification: an attempt that broke
    off is gone on with by calling again with the same name.

    Raises:
        SyncUnknown: the sync was not started.
        ConfigError: ``tables`` names one that is not the sync's, or the mode is ``schema``, which compares no
            rows.
        RelationDrifted: a table or a column of the source is not on the target.
    """
    chosen = options or sync.config.verify
    if chosen.mode is VerifyMode.SCHEMA:
        raise ConfigError("Rows can't be compared in mode `schema`.", remedy="Call verify_schema().")
    with (
        state.phases.running(sync.target, sync.sync_id, "verify"),
        open_both(sync, chosen.parallel) as both,
        Notebook(sync, run) as notebook,
    ):
        hashing = Hashing.between(both.source.flavour, both.target.flavour)
        segments = _has_segments(both.source), _has_segments(both.target)
        tables = read_tables(sync, chosen.table_names, hashing, segments)
        jobs = notebook.stored(tables, chosen)
        if jobs is None:
            jobs = plan(both, tables, chosen, run or "", ranges=not any(segments))
            notebook.begin(jobs)
        results = _Comparison(sync, both, chosen, notebook, on_event).run(tables, jobs)
        with connect(sync.target) as target, typed_errors(sync.target, "storing the results"):
            state.verifications.record(target, sync.sync_id, results)
            state.verification_portions.forget(target, sync.sync_id)
        return results


def _has_segments(side: Side) -> bool:
    """On segments a range of keys is found by reading the whole table."""
    with side.session() as conn, typed_errors(side.endpoint, "reading its version"):
        return capabilities(read_server(conn)).distributed


class _Comparison:
    def __init__(
        self, sync: Sync, both: Both, options: VerifyOptions, notebook: Notebook, on_event: EventSink
    ) -> None:
        self._both = both
        self._options = options
        self._notebook = notebook
        self._on_event = on_event
        self._tide = Tide(both, sync, options.settle)
        self._check = PortionCheck(both, self._tide, options)
        self._tallies: dict[QualifiedName, Tally] = {}
        self._results: dict[QualifiedName, TableVerification] = {}

    def run(self, tables: Sequence[Compared], jobs: Sequence[Job]) -> tuple[TableVerification, ...]:
        portions = Counter(job.table.name for job in jobs)
        for table in tables:
            self._tallies[table.name] = Tally(table, portions[table.name], self._options.max_keys)
        with ThreadPoolExecutor(max_workers=self._options.parallel) as pool:
            futures = [pool.submit(self._work, job) for job in jobs]
            try:
                for done in as_completed(futures):
                    done.result()
            except BaseException as error:
                pool.shutdown(wait=False, cancel_futures=True)
                self._both.stop(error, futures)
                if self._both.failure in {None, error}:
                    raise
                raise self._both.failure from None
        return tuple(self._results[name] for name in sorted(self._results))

    def _work(self, job: Job) -> None:
        tally = self._tallies[job.table.name]
        known = self._notebook.known(job)
        theirs, ours = known or self._check.check(job, tally)
        if known is None and theirs == ours:
            self._notebook.note(job, theirs)
        if tally.add(theirs[0], theirs[1], ours[1]):
            self._finish(tally)

    def _finish(self, tally: Tally) -> None:
        result = tally.result(self._options.mode, self._tide.behind)
        self._results[result.name] = result
        _LOG.log(logging.INFO if result.equal else logging.WARNING, "%s", _sentence(result))
        self._on_event(TableVerified(str(result.name), result.source_rows, result.target_rows, result.equal))


def _sentence(result: TableVerification) -> str:
    counts = {
        "differ": result.differing,
        "missing on the target": result.missing_on_target,
        "missing on the source": result.missing_on_source,
        "unsettled": result.unsettled,
        "repaired": result.repaired,
    }
    said = "".join(f", {count} {what}" for what, count in counts.items() if count)
    verdict = "equal" if result.equal else "DIFFERENT"
    return f"{result.name}: {verdict}, {result.compared} rows compared{said} ({result.seconds:.1f} s)."
