"""The terminal: a picture that is drawn anew where there is one, plain lines where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from airflow_adbsync.local.demo.picture import Picture, Step, StepState, people_seconds, sparkline

_STYLES = {
    StepState.WAITING: "dim",
    StepState.RUNNING: "bold yellow",
    StepState.WATCHING: "bold cyan",
    StepState.DONE: "green",
    StepState.SKIPPED: "dim",
    StepState.FAILED: "bold red",
}
_PLAIN_INTERVAL = 5.0  # seconds
_BAR = 20  # characters


class Screen(Protocol):
    """Where pictures are shown; used in a `with`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, picture: Picture) -> None:
        """Show this picture in the place of the one before."""


class LiveScreen:
    """Draws the picture in place, on a terminal."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False, transient=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, picture: Picture) -> None:
        """Draw it at once."""
        self._live.update(draw(picture), refresh=True)


class PlainScreen:
    """Writes a line whenever a step changes its state, and every few seconds what moves."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._states: dict[str, StepState] = {}
        self._said: set[str] = set()
        self._last = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def show(self, picture: Picture) -> None:
        """Write what has changed since the picture before."""
        for step in picture.steps:
            if self._states.get(step.title, StepState.WAITING) is not step.state:
                self._states[step.title] = step.state
                self._say(_plain_step(step))
        for line in (picture.address and f"Airflow: {picture.address}", picture.advice):
            if line and line not in self._said:
                self._said.add(line)
                self._say(line)
        if self._clock() - self._last >= _PLAIN_INTERVAL:
            self._last = self._clock()
            moving = _moving(picture)
            if moving:
                self._say(moving)

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def screen_for(console: Console) -> Screen:
    """The screen that suits where the output goes."""
    return LiveScreen(console) if console.is_terminal else PlainScreen(console)


def draw(picture: Picture) -> RenderableType:
    """The whole picture, for a terminal."""
    steps = Table.grid(padding=(0, 2))
    steps.add_column(min_width=16, no_wrap=True)
    steps.add_column(width=_BAR)
    steps.add_column(min_width=8)
    steps.add_column(justify="right", min_width=8, no_wrap=True)
    steps.add_column(no_wrap=True, overflow="ellipsis")
    for step in picture.steps:
        style = _STYLES[step.state]
        steps.add_row(
            Text(step.title, style=style),
            _bar(step),
            Text(step.state.value, style=style),
            people_seconds(step.seconds) if step.seconds is not None else "",
            Text(step.detail, style="dim"),
        )
    return Group(steps, *_foot(picture))


def _bar(step: Step) -> RenderableType:
    match step.state:
        case StepState.DONE | StepState.SKIPPED:
            return ProgressBar(total=1, completed=1, width=_BAR)
        case StepState.RUNNING | StepState.WATCHING if step.fraction is None:
            return ProgressBar(total=1, pulse=True, width=_BAR, animation_time=time.monotonic())
        case _:
            return ProgressBar(total=1, completed=step.fraction or 0, width=_BAR)


def _foot(picture: Picture) -> list[RenderableType]:
    lines = Table.grid(padding=(0, 2))
    if picture.writer:
        lines.add_row("Writer", picture.writer)
    if picture.lags:
        chart = sparkline([lag.seconds for lag in picture.lags])
        lines.add_row("Lag", f"{picture.lags[-1]}  {chart}")
    if picture.address:
        lines.add_row("Airflow", f"{picture.address}   {picture.login}")
    if picture.advice:
        lines.add_row("", picture.advice)
    return [Panel(lines, expand=False)] if lines.row_count else []


def _plain_step(step: Step) -> str:
    took = (
        f" ({people_seconds(step.seconds)})" if step.seconds and step.state is not StepState.RUNNING else ""
    )
    detail = f": {step.detail}" if step.detail else ""
    return f"{step.title} {step.state.value}{took}{detail}"


def _moving(picture: Picture) -> str:
    parts = [
        f"{step.title} {step.fraction:.0%}" if step.fraction is not None else step.title
        for step in picture.steps
        if step.state in {StepState.RUNNING, StepState.WATCHING}
    ]
    if picture.writer:
        parts.append(f"writer: {picture.writer}")
    if picture.lags:
        parts.append(f"lag: {picture.lags[-1]}")
    return " | ".join(parts)
