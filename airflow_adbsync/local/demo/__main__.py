"""`python -m airflow_adbsync.local.demo`: the whole road, from an empty target to one that keeps up."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from rich.console import Console

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.local.demo.demo import Demo, Options
from airflow_adbsync.local.demo.outcome import tables
from airflow_adbsync.local.demo.screen import screen_for
from airflow_adbsync.local.demo.stack import adopt_orphans

_INTERRUPTED = 130
_PLAIN_WIDTH = 140  # without a terminal: wide enough for the tables


def main() -> int:
    """Run the demo; return 0 only if every task succeeded and everything matched."""
    options = _options()
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PLAIN_WIDTH)
    adopt_orphans()
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    try:
        with screen_for(console) as screen:
            outcome = Demo(options, screen, show_password=console.is_terminal).run()
    except KeyboardInterrupt:
        console.print("Stopped early: nothing was compared.")
        return _INTERRUPTED
    except AdbsyncError as error:
        console.print(str(error), style="red", markup=False, highlight=False)
        console.print(f"Logs are in {options.directory.resolve()}.", highlight=False)
        return 1
    for part in tables(outcome):
        console.print(part, highlight=False)
    return 0 if outcome.good else 1


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m airflow_adbsync.local.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end by itself, and tell by the exit status")
    parser.add_argument(
        "--directory", type=Path, default=Path(".demo"), help="emptied first (default: .demo)"
    )
    parser.add_argument("--rate", type=float, default=300.0, help="transactions a second (default: 300)")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the shop; 1 is 370,000 rows")
    parser.add_argument("--port", type=int, help="of Airflow's UI (default: 8080, or one that is free)")
    return Options(**vars(parser.parse_args()))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
