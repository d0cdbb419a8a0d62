"""What is known of a table so far."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from airflow_adbsync.engine.state.verifications import DifferingRow, TableVerification
from airflow_adbsync.engine.verify.compared import Compared
from airflow_adbsync.engine.verify.portions import Key
from airflow_adbsync.engine.verify.settling import Difference
from airflow_adbsync.engine.verify.verdict import Kind


class Tally:
    """Grows with each portion; used by many threads."""

    def __init__(self, table: Compared, portions: int, most_keys: int) -> None:
        self.table = table
        self._left = portions
        self._most_keys = most_keys
        self._lock = threading.Lock()
        self._rows = 0
        self._sums = [0, 0]
        self._count: Counter[Kind] = Counter()
        self._repaired = 0
        self._waited_in_vain = False
        self._keys: list[DifferingRow] = []
        self._begun: float | None = None
        self._seconds = 0.0

    def begin(self) -> None:
        """Note that work on the table begins."""
        with self._lock:
            self._begun = self._begun or time.monotonic()

    def add(self, rows: int, source_sum: int, target_sum: int) -> bool:
        """Add a portion that is done; tell whether it was the last one."""
        with self._lock:
            self._rows += rows
            self._sums[0] += source_sum
            self._sums[1] += target_sum
            self._left -= 1
            self._seconds = time.monotonic() - (self._begun or time.monotonic())
            return self._left == 0

    def differ(
        self, found: Sequence[Difference], shown: Mapping[Key, str], *, repaired: bool = False
    ) -> None:
        """Add rows that differ, or that did until they were repaired."""
        with self._lock:
            for item in found:
                if repaired:
                    self._repaired += item.rows
                else:
                    self._count[item.kind] += item.rows
                self._waited_in_vain |= item.behind
                if item.name and len(self._keys) < self._most_keys:
                    self._keys.append(DifferingRow(str(item.kind), self._text(item.name, shown), repaired))

    def result(self, mode: str, behind: Callable[[], int]) -> TableVerification:
        """What has come of it; ``behind`` is the target's distance, of interest if rows waited for it."""
        missing, extra = self._count[Kind.MISSING_ON_TARGET], self._count[Kind.MISSING_ON_SOURCE]
        waited = self._waited_in_vain
        differs = waited or any(self._count[kind] for kind in Kind if kind is not Kind.UNSETTLED)
        theirs, ours = map(str, self._sums)
        return TableVerification(
            self.table.name,
            source_rows=self._rows,
            target_rows=self._rows - missing + extra,
            source_checksum=theirs,
            target_checksum=theirs if not differs else ours if ours != theirs else "differs",
            mode=mode,
            compared=self._rows,
            differing=self._count[Kind.DIFFERENT],
            missing_on_target=missing,
            missing_on_source=extra,
            unsettled=self._count[Kind.UNSETTLED],
            repaired=self._repaired,
            keys=tuple(self._keys),
            seconds=round(self._seconds, 3),
            behind=max(1, behind()) if waited else 0,
        )

    def _text(self, name: Key, shown: Mapping[Key, str]) -> str:
        if not self.table.key_names:
            return shown.get(name, name[0])
        return ", ".join(
            f"{column}={value}" for column, value in zip(self.table.key_names, name, strict=True)
        )
