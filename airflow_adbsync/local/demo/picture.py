"""What the terminal shows at one moment; values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class StepState(StrEnum):
    """How far a step is; ``watching`` is a task that is deferred and goes on without a worker."""

    WAITING = "waiting"
    RUNNING = "running"
    WATCHING = "watching"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One line: something that the demo does itself, or a phase of the sync.

    ``seconds`` is None before it begins; ``fraction`` is how much is done, from 0 to 1, where that is known.
    """

    title: str
    state: StepState = StepState.WAITING
    seconds: float | None = None
    fraction: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the target is behind: bytes of WAL, and seconds by the source's clock."""

    bytes: int
    seconds: float

    def __str__(self) -> str:
        return f"{people_bytes(self.bytes)}, {self.seconds:.1f} s"


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is to be seen; ``lags`` are the latest samples, the newest last."""

    steps: tuple[Step, ...] = ()
    writer: str = ""
    lags: tuple[Lag, ...] = ()
    address: str = ""
    login: str = ""
    advice: str = ""


def people_bytes(number: int) -> str:
    """A number of bytes as people write it, in powers of 1024."""
    size = float(number)
    for unit in ("B", "kB", "MB"):
        if abs(size) < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"


def people_seconds(seconds: float) -> str:
    """A duration as people write it."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {seconds % 60:02.0f} s"


def sparkline(values: Sequence[float]) -> str:
    """A row of small columns, the highest for the largest value."""
    bars = "▁▂▃▄▅▆▇█"
    top = max(values, default=0.0)
    return "".join(bars[min(7, int(value / top * 7.999))] if top else bars[0] for value in values)
