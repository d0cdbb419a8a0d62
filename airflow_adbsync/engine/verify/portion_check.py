"""One portion of a table: compared, narrowed down to rows, and these settled and repaired."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from airflow_adbsync.engine.config import VerifyMode, VerifyOptions
from airflow_adbsync.engine.verify.both import Both
from airflow_adbsync.engine.verify.compared import Compared
from airflow_adbsync.engine.verify.counting import settle_counts
from airflow_adbsync.engine.verify.narrowing import Narrowing
from airflow_adbsync.engine.verify.pace import Pace
from airflow_adbsync.engine.verify.planning import Job
from airflow_adbsync.engine.verify.portions import Key, Portion
from airflow_adbsync.engine.verify.repairing import Repair
from airflow_adbsync.engine.verify.settling import Difference, Settling
from airflow_adbsync.engine.verify.side import Side
from airflow_adbsync.engine.verify.statements import Reading
from airflow_adbsync.engine.verify.tally import Tally
from airflow_adbsync.engine.verify.tide import Tide
from airflow_adbsync.engine.verify.verdict import Kind

Fingerprint = tuple[int, int]


class PortionCheck:
    """Used by many threads, each with portions of its own."""

    def __init__(self, both: Both, tide: Tide, options: VerifyOptions) -> None:
        self._both = both
        self._tide = tide
        self._options = options
        self._pace = Pace(options.max_rows_per_second)

    def check(self, job: Job, tally: Tally) -> tuple[Fingerprint, Fingerprint]:
        """Compare the portion, note in the tally what differs, and return what was seen at first."""
        tally.begin()
        table, portion = job.table, job.portion
        theirs, ours = self._both.ask(
            partial(self._fingerprint, self._both.source, table, table.source, portion),
            partial(self._fingerprint, self._both.target, table, table.target, portion),
        )
        if theirs != ours:
            if self._options.mode is VerifyMode.COUNT:
                tally.differ(self._settle_count(table, portion), {})
            else:
                self._narrow(job, tally, max(theirs[0], ours[0]))
        self._pace.keep(theirs[0])
        return theirs, ours

    def _fingerprint(self, side: Side, table: Compared, reading: Reading, portion: Portion) -> Fingerprint:
        counts = self._options.mode is VerifyMode.COUNT
        statement = reading.count(portion) if counts else reading.fingerprint(portion)
        ((rows, checksum),) = side.rows(statement, f"verifying {table.name}")
        return rows, int(checksum or 0)

    def _narrow(self, job: Job, tally: Tally, rows: int) -> None:
        settling = Settling(self._both, self._tide, job.table, self._options.settle)
        for names in Narrowing(self._both, self._tide, job.table, job.portion, rows).suspects():
            found = settling.settle(names)
            shown = self._shown(job.table, [item.name for item in found])
            if self._options.repair:
                found = self._repaired(job.table, settling, found, tally, shown)
            tally.differ(found, shown)

    def _repaired(
        self,
        table: Compared,
        settling: Settling,
        found: Sequence[Difference],
        tally: Tally,
        shown: dict[Key, str],
    ) -> list[Difference]:
        """Bring the rows that differ over again, look at them again, and return those that still differ."""
        wrong = [item for item in found if item.kind is not Kind.UNSETTLED]
        if not wrong:
            return list(found)
        names = [item.name for item in wrong]
        Repair(self._both, self._tide, table).repair(names)
        left = {item.name: item for item in settling.settle(names)}
        tally.differ([item for item in wrong if item.name not in left], shown, repaired=True)
        return [left.get(item.name, item) for item in found if item.name in left or item not in wrong]

    def _shown(self, table: Compared, names: Sequence[Key]) -> dict[Key, str]:
        """Rows without a key are shown by their text, as far as they will be shown."""
        if table.key_names or not names:
            return {}
        some = names[: self._options.max_keys]
        found: dict[Key, str] = {}
        for side, reading in ((self._both.target, table.target), (self._both.source, table.source)):
            rows = side.rows(reading.shown(some), f"reading rows of {table.name}")
            found |= {(str(name),): text for name, text in rows}
        return found

    def _settle_count(self, table: Compared, portion: Portion) -> list[Difference]:
        def count(side: Side, reading: Reading) -> int:
            return self._fingerprint(side, table, reading, portion)[0]

        found = settle_counts(
            partial(count, self._both.source, table.source),
            partial(count, self._both.target, table.target),
            self._tide,
            self._options.settle,
        )
        missing = found.source - found.target
        if missing == 0:
            return []
        kind = Kind.MISSING_ON_TARGET if missing > 0 else Kind.MISSING_ON_SOURCE
        return [Difference((), kind if found.settled else Kind.UNSETTLED, abs(missing), found.behind)]
