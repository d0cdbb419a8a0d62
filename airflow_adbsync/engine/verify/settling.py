"""Looking at single rows again until it is certain whether they differ."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from airflow_adbsync.engine.config import Operation
from airflow_adbsync.engine.verify.both import Both
from airflow_adbsync.engine.verify.compared import Compared
from airflow_adbsync.engine.verify.portions import Key
from airflow_adbsync.engine.verify.side import Side
from airflow_adbsync.engine.verify.statements import Reading
from airflow_adbsync.engine.verify.tide import Tide
from airflow_adbsync.engine.verify.verdict import NOTHING, Kind, Look, Seen, agrees, is_proven

# A row that is written all the time is given up after so many looks.
_LOOKS = 8
_PAUSE = 0.1
# What replication doesn't carry must differ.
_EXPLAINED_BY = {
    Kind.DIFFERENT: Operation.UPDATE,
    Kind.MISSING_ON_TARGET: Operation.INSERT,
    Kind.MISSING_ON_SOURCE: Operation.DELETE,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows that differ under one name: ``rows`` is how many; ``behind`` tells an unsettled one that waited in
    vain for the target from one that never stood still.
    """

    name: Key
    kind: Kind
    rows: int = 1
    behind: bool = False


class Settling:
    """Settles rows of one table."""

    def __init__(self, both: Both, tide: Tide, table: Compared, settle: timedelta) -> None:
        self._both = both
        self._tide = tide
        self._table = table
        self._settle = settle.total_seconds()

    def settle(self, names: Sequence[Key]) -> list[Difference]:
        """Return those that differ for certain, and those of which nothing is certain."""
        deadline = time.monotonic() + self._settle
        found: list[Difference] = []
        before: Mapping[Key, Look] = {}
        pending = list(names)
        for number in range(_LOOKS):
            source, target, passed = self._look(pending)
            now = {name: Look(source.get(name, NOTHING), target.get(name, NOTHING)) for name in pending}
            open_ = {name: look for name, look in now.items() if not agrees(before.get(name), look)}
            if not passed:
                return [*found, *_unsettled(open_, behind=True)]
            proven = {name: look for name, look in open_.items() if self._is_proven(before.get(name), look)}
            found += [Difference(name, look.kind, look.weight) for name, look in proven.items()]
            before = {name: look for name, look in open_.items() if name not in proven}
            pending = list(before)
            if not pending or (number and time.monotonic() > deadline):
                break
            time.sleep(_PAUSE)
        return [item for item in (*found, *_unsettled(before, behind=False)) if self._counts(item)]

    def _look(self, names: Sequence[Key]) -> tuple[dict[Key, Seen], dict[Key, Seen], bool]:
        source = look_up(self._both.source, self._table.source, names, self._table)
        passed = self._tide.has_reached_source()
        return source, look_up(self._both.target, self._table.target, names, self._table), passed

    def _is_proven(self, before: Look | None, now: Look) -> bool:
        if not self._tide.replicates:
            return True
        return before is not None and is_proven(before, now, has_key=bool(self._table.key_names))

    def _counts(self, item: Difference) -> bool:
        operation = _EXPLAINED_BY.get(item.kind)
        return operation is None or operation in self._table.operations


def look_up(side: Side, reading: Reading, names: Sequence[Key], table: Compared) -> dict[Key, Seen]:
    """What one side has under each of these names."""
    if not names:
        return {}
    return seen(side.rows(reading.named(names), f"looking rows of {table.name} up"))


def seen(rows: Iterable[Sequence[object]]) -> dict[Key, Seen]:
    """Read the rows of `Reading.named`."""
    found = {}
    for *name, count, hashes, versions in rows:
        found[tuple(map(str, name))] = Seen(int(str(count)), str(hashes), str(versions))
    return found


def _unsettled(looks: Mapping[Key, Look], *, behind: bool) -> list[Difference]:
    return [Difference(name, Kind.UNSETTLED, look.weight, behind) for name, look in looks.items()]
