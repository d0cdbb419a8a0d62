"""What the demo shows, on a terminal and without one."""

import io
from dataclasses import replace

from rich.console import Console

from airflow_adbsync.local.demo.picture import (
    Lag,
    Picture,
    Step,
    StepState,
    people_bytes,
    people_seconds,
    sparkline,
)
from airflow_adbsync.local.demo.screen import LiveScreen, PlainScreen, screen_for

PICTURE = Picture(
    steps=(
        Step("servers", StepState.DONE, 1.5, detail="PostgreSQL [16]"),
        Step("load", StepState.RUNNING, 3.0, 0.25),
        Step("verify"),
    ),
    writer="300 transactions/s",
    lags=(Lag(2048, 0.4),),
    address="http://127.0.0.1:8080",
    login="user admin, password hunter2",
    advice="Caught up.",
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    output = io.StringIO()
    return Console(file=output, force_terminal=terminal, width=120, legacy_windows=False), output


def test_without_a_terminal_each_change_is_a_line_and_nothing_is_said_twice() -> None:
    to, output = console(terminal=False)
    with PlainScreen(to, Clock()) as screen:
        screen.show(PICTURE)
        screen.show(PICTURE)
        screen.show(replace(PICTURE, steps=(Step("load", StepState.DONE, 4.0),)))
    assert output.getvalue().splitlines() == [
        "servers done (1.5 s): PostgreSQL [16]",
        "load running",
        "Airflow: http://127.0.0.1:8080",
        "Caught up.",
        "load done (4.0 s)",
    ]


def test_without_a_terminal_what_moves_is_told_every_few_seconds() -> None:
    to, output = console(terminal=False)
    clock = Clock()
    with PlainScreen(to, clock) as screen:
        screen.show(PICTURE)
        clock.now = 5.0
        screen.show(PICTURE)
    assert output.getvalue().splitlines()[-1] == "load 25% | writer: 300 transactions/s | lag: 2.0 kB, 0.4 s"


def test_a_terminal_shows_everything_at_once() -> None:
    to, output = console(terminal=True)
    with LiveScreen(to) as screen:
        screen.show(PICTURE)
    for expected in ("servers", "PostgreSQL [16]", "verify", "2.0 kB, 0.4 s", "hunter2", "Caught up."):
        assert expected in output.getvalue()


def test_the_screen_suits_the_output() -> None:
    assert isinstance(screen_for(console(terminal=True)[0]), LiveScreen)
    assert isinstance(screen_for(console(terminal=False)[0]), PlainScreen)


def test_numbers_are_written_for_people() -> None:
    assert [people_bytes(n) for n in (0, 1023, 1536, 5 << 20, 3 << 30)] == [
        "0 B",
        "1023 B",
        "1.5 kB",
        "5.0 MB",
        "3.0 GB",
    ]
    assert [people_seconds(s) for s in (0.04, 59.94, 125)] == ["0.0 s", "59.9 s", "2 min 05 s"]
    assert sparkline([0, 5, 10]) == "▁▄█"
    assert sparkline([0, 0]) == "▁▁"
