"""Counts that are looked at again until they agree, or one is certain to be wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from airflow_adbsync.engine.verify.tide import Tide

_LOOKS = 8


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows on both sides; ``settled`` if the source had as many before and after the target was asked.

    ``behind`` tells that the target did not get to where the source was in time.
    """

    source: int
    target: int
    settled: bool = True
    behind: bool = False


def settle_counts(
    source: Callable[[], int], target: Callable[[], int], tide: Tide, settle: timedelta
) -> Counts:
    """Count on the source, on the target once it has passed that place, and on the source again."""
    deadline = time.monotonic() + settle.total_seconds()
    before = source()
    for _ in range(_LOOKS):
        passed = tide.has_reached_source()
        here, after = target(), source()
        if here in {before, after}:
            return Counts(here, here)
        if not passed:
            return Counts(before, here, settled=False, behind=True)
        if before == after:
            return Counts(before, here)
        if time.monotonic() > deadline:
            break
        before = after
    return Counts(before, here, settled=False)
