"""From samples of the lag to what is wrong. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from airflow_adbsync.engine.config import AlertOptions
from airflow_adbsync.engine.state.lag import LagSample
from airflow_adbsync.engine.watch import SlotBounds, SourcePosition, danger


class Kind(StrEnum):
    """What an alert is about."""

    LAG_BYTES = "lag_bytes"
    LAG_SECONDS = "lag_seconds"
    STALLED = "stalled"
    SLOT = "slot"
    FAILURE = "failure"
    VERIFICATION = "verification"


class Judge:
    """Looks at one sample after the other, and knows since when each bound is exceeded."""

    def __init__(self, options: AlertOptions, slot_name: str) -> None:
        self._options = options
        self._slot_name = slot_name
        self._since: dict[Kind, float] = {}
        self._place: int | None = None
        self._moved_at = 0.0

    def look(self, sample: LagSample, source: SourcePosition | None, now: float) -> Mapping[Kind, str | None]:
        """What is wrong by kind, in words, at a moment of a steady clock; None where it is well.

        A kind that is missing can't be told yet.
        """
        options = self._options
        seconds = options.lag_seconds.total_seconds() if options.lag_seconds is not None else None
        said: dict[Kind, str | None] = {}
        for kind, value, bound, unit in (
            (Kind.LAG_BYTES, sample.lag_bytes, options.lag_bytes, "bytes of WAL"),
            (Kind.LAG_SECONDS, sample.lag_seconds, seconds, "s"),
        ):
            if bound is None or value <= bound:
                self._since.pop(kind, None)
                said[kind] = None
            elif now - self._since.setdefault(kind, now) >= options.lasting.total_seconds():
                said[kind] = f"the target is {value:.0f} {unit} behind, more than {bound:.0f}"
        said[Kind.STALLED] = self._stalled(sample, now)
        if source is not None:
            found = danger(self._slot_name, source, SlotBounds(max_retained_bytes=options.retained_bytes))
            said[Kind.SLOT] = str(found) if found else None
        return said

    def _stalled(self, sample: LagSample, now: float) -> str | None:
        place = sample.source_lsn - sample.lag_bytes if sample.source_lsn is not None else None
        if place is None or place != self._place or not sample.lag_bytes:
            self._place, self._moved_at = place, now
        rest = now - self._moved_at
        if rest < self._options.stalled_after.total_seconds():
            return None
        return f"the target has come no further for {rest:.0f} s, and is {sample.lag_bytes} bytes behind"
