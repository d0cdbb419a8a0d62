"""What a running phase says while it runs; values that cross a process boundary as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from airflow_adbsync.engine.errors import AdbsyncError


@dataclass(frozen=True, slots=True)
class TableLoaded:
    """One table's full load is committed on the target."""

    table: str
    rows: int
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TableVerified:
    """One table was compared for the last time; ``equal`` tells rows and checksum together."""

    table: str
    source_rows: int
    target_rows: int
    equal: bool


@dataclass(frozen=True, slots=True)
class ApplierStarted:
    """The applier holds the sync and reads from ``lsn`` (text form)."""

    owner: str
    epoch: int
    lsn: str


@dataclass(frozen=True, slots=True)
class BatchApplied:
    """A batch is committed on the target; ``commit_time`` (ISO 8601) is the source's.

    ``bytes`` is what its changes took in memory, ``peak_memory`` the most that the applier's process took.
    ``queued_changes`` and ``queued_bytes`` are what was read from the slot by then and not applied.
    """

    lsn: str
    commit_time: str | None
    transactions: int
    changes: int
    rows: int
    seconds: float
    bytes: int = 0
    peak_memory: int = 0
    queued_changes: int = 0
    queued_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ApplierStopped:
    """The applier left cleanly: ``reason`` is what it was told to wait for, or ``stop_requested``."""

    reason: str
    lsn: str


@dataclass(frozen=True, slots=True)
class ApplierFailed:
    """The applier ended with an error (as `AdbsyncError.to_json` gives it)."""

    error: dict[str, Any]
    retryable: bool

    @classmethod
    def of(cls, error: AdbsyncError) -> ApplierFailed:
        """Wrap a typed error."""
        return cls(error.to_json(), error.retryable)


Event = TableLoaded | TableVerified | ApplierStarted | BatchApplied | ApplierStopped | ApplierFailed
EventSink = Callable[[Event], None]

_TYPES: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (TableLoaded, TableVerified, ApplierStarted, BatchApplied, ApplierStopped, ApplierFailed)
}


def to_line(event: Event) -> str:
    """One line of JSON, without its newline."""
    return json.dumps({"event": type(event).__name__, **asdict(event)}, separators=(",", ":"))


def from_line(line: str | bytes) -> Event:
    """The inverse of `to_line`.

    Raises:
        ValueError: the line holds no event.
    """
    document = json.loads(line)
    try:
        return _TYPES[document.pop("event")](**document)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an event: {line!r}") from error


def ignore(_event: Event) -> None:
    """A sink for callers who want no events."""
