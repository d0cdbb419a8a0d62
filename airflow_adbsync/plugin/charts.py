"""Values over time as inline SVG, coloured by the page's style sheet: pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

_WIDTH, _HEIGHT = 640, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 74, 12, 12, 24
_STEPS = (1, 2, 5)
_TIME_STEPS = (10, 30, 60, 180, 300, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_TIME_LABELS = 6


@dataclass(frozen=True, slots=True)
class Chart:
    """One line. ``points`` are in order of time; where one is None, or two are far apart, the line breaks."""

    title: str
    points: Sequence[tuple[datetime, float | None]]
    window: timedelta
    until: datetime
    words: Callable[[float], str]
    base: int = 10
    colour: str = "a"

    @property
    def latest(self) -> float | None:
        """The last value, if it is not an old one."""
        known = [value for moment, value in self.points if moment > self.until - self._gap]
        return known[-1] if known else None

    @property
    def _gap(self) -> timedelta:
        return max(timedelta(seconds=30), self.window / 20)

    def svg(self) -> Markup:
        """Draw it."""
        values = [value for _, value in self.points if value is not None]
        ticks = nice_ticks(max(values, default=0.0), self.base)
        body = [*self._grid(ticks), *self._clock(), *self._line(ticks[-1])]
        if not values:
            body.append(_text(_WIDTH / 2, _HEIGHT / 2, "No samples in this time", "none", "middle"))
        return Markup('<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
            self.colour, _WIDTH, _HEIGHT, self.title, Markup("").join(body)
        )

    def _grid(self, ticks: Sequence[float]) -> Iterator[Markup]:
        for tick in ticks:
            y = self._y(tick, ticks[-1])
            yield Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
                _LEFT, _WIDTH - _RIGHT, y, y
            )
            yield _text(_LEFT - 8, y + 4, self.words(tick), "axis", "end")

    def _clock(self) -> Iterator[Markup]:
        step = next(
            (each for each in _TIME_STEPS if self.window.total_seconds() / each <= _TIME_LABELS), 172800
        )
        moment = math.ceil((self.until - self.window).timestamp() / step) * step
        form = "%H:%M:%S" if step < 60 else "%H:%M" if self.window <= timedelta(days=1) else "%d %b"
        while moment <= self.until.timestamp():
            when = datetime.fromtimestamp(moment, UTC)
            yield _text(self._x(when), _HEIGHT - 6, f"{when:{form}}", "axis", "middle")
            moment += step

    def _line(self, top: float) -> Iterator[Markup]:
        for run in self._runs():
            places = [(self._x(moment), self._y(value, top)) for moment, value in run]
            path = " L".join(f"{x:.1f} {y:.1f}" for x, y in places)
            floor = _HEIGHT - _BOTTOM
            yield Markup('<path class="area" d="M{} L{:.1f} {} L{:.1f} {} Z"/>').format(
                path, places[-1][0], floor, places[0][0], floor
            )
            yield Markup('<path class="line" d="M{}"/>').format(path)
            yield from self._hits(run, top)

    def _hits(self, run: Sequence[tuple[datetime, float]], top: float) -> Iterator[Markup]:
        """What the pointer finds over each point: its time and value."""
        for moment, value in run:
            yield Markup(
                '<g class="hit"><rect x="{:.1f}" y="{}" width="5" height="{}"/>'
                '<circle cx="{:.1f}" cy="{:.1f}" r="3.5"/><title>{:%H:%M:%S}  {}</title></g>'
            ).format(
                self._x(moment) - 2.5, _TOP, _HEIGHT - _TOP - _BOTTOM, self._x(moment),
                self._y(value, top), moment, self.words(value),
            )  # fmt: skip

    def _runs(self) -> Iterator[list[tuple[datetime, float]]]:
        run: list[tuple[datetime, float]] = []
        for moment, value in self.points:
            broken = bool(run) and moment - run[-1][0] > self._gap
            if run and (value is None or broken):
                yield run
                run = []
            if value is not None and moment >= self.until - self.window:
                run.append((moment, value))
        if run:
            yield run

    def _x(self, moment: datetime) -> float:
        share = 1 - (self.until - moment) / self.window
        return _LEFT + min(1.0, max(0.0, share)) * (_WIDTH - _LEFT - _RIGHT)

    @staticmethod
    def _y(value: float, top: float) -> float:
        return _HEIGHT - _BOTTOM - value / top * (_HEIGHT - _TOP - _BOTTOM)


def nice_ticks(largest: float, base: float) -> list[float]:
    """Round values from 0 to just above the largest: two to six.

    Round in tens, in powers of 1024 (``base`` 1024: bytes), or as clocks are (``base`` 60: seconds).
    """
    if largest <= 0:
        return [0.0, 1.0]
    step = next(each for each in _round_numbers(largest, base) if largest / each <= 4)
    return [step * number for number in range(math.ceil(largest / step) + 1)]


def _round_numbers(largest: float, base: float) -> Iterator[float]:
    """From small to large, the first no larger than a quarter of ``largest``."""
    if base == 60 and largest > 20:
        yield from (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
        yield from (86400 * 2**power for power in itertools.count(1))
    ladder = 1024 if base == 1024 else 10
    unit = ladder ** math.floor(math.log(largest, ladder)) / 10
    for power in itertools.count():
        yield from (unit * 10**power * number for number in _STEPS)


def rates(points: Sequence[tuple[datetime, int | None]]) -> list[tuple[datetime, float | None]]:
    """How much a counter grew each second, from point to point; it starts anew where it shrinks."""
    found: list[tuple[datetime, float | None]] = []
    for (before, low), (moment, high) in itertools.pairwise(points):
        seconds = (moment - before).total_seconds()
        known = low is not None and high is not None and high >= low and seconds > 0
        found.append((moment, (high - low) / seconds if known else None))  # type: ignore[operator]
    return found


def _text(x: float, y: float, words: str, kind: str, anchor: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, escape(words)
    )
