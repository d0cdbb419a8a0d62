"""What the demo does itself, step by step, and how long each step takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from airflow_adbsync.local.demo.picture import Step, StepState


@dataclass(slots=True)
class _Entry:
    state: StepState = StepState.WAITING
    began: float | None = None
    ended: float | None = None
    detail: str = ""


@dataclass(slots=True)
class Journal:
    """Steps by their titles, in the order in which they are to be shown; used by several threads."""

    titles: tuple[str, ...]
    clock: Callable[[], float] = time.monotonic
    _entries: dict[str, _Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._entries = {title: _Entry() for title in self.titles}

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[str], None]]:
        """Note that a step begins, and how it ends; gives a function that notes what it is at."""
        entry = self._entries[title]
        entry.state, entry.began = StepState.RUNNING, self.clock()

        def note(detail: str) -> None:
            entry.detail = detail

        try:
            yield note
        except BaseException:
            entry.state, entry.ended = StepState.FAILED, self.clock()
            raise
        entry.state, entry.ended = StepState.DONE, self.clock()

    def steps(self) -> tuple[Step, ...]:
        """All steps as they are now."""
        return tuple(self._step(title, entry) for title, entry in self._entries.items())

    def _step(self, title: str, entry: _Entry) -> Step:
        if entry.began is None:
            return Step(title)
        ended = self.clock() if entry.ended is None else entry.ended
        return Step(title, entry.state, ended - entry.began, detail=entry.detail)
