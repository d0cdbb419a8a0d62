"""A cut-over, or its abort, whose process is killed at one place of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from airflow_adbsync.engine.sync import Sync

# Engine modules once imported, each attempt is a fork of its own: a process that dies takes nothing with it.
_CHILD = """
import importlib, json, os, signal, sys
from airflow_adbsync.engine import cutover
from airflow_adbsync.engine.sync import Sync

def die(when, module, name):
    place = importlib.import_module("airflow_adbsync.engine." + module)
    real = getattr(place, name)
    def killed(*args, **options):
        if when == "after":
            real(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(place, name, killed)

sync = Sync.from_json(json.loads(sys.stdin.readline()))
for line in sys.stdin:
    what, *place = json.loads(line)
    child = os.fork()
    if not child:
        try:
            die(*place)
            getattr(cutover, what)(sync)
        finally:
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Place(NamedTuple):
    """Where to die: before or after a function of the engine."""

    when: str
    module: str
    name: str


class Mortal:
    """Makes attempts that end by SIGKILL, while the ``with`` lasts."""

    def __init__(self, sync: Sync) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self._say(sync.to_json())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)

    def dies(self, what: str, place: Place) -> None:
        """Run ``cutover.<what>``, which must get as far as the place."""
        assert self._process.stdout
        self._say([what, *place])
        assert int(self._process.stdout.readline()) == -signal.SIGKILL, f"{what} was not killed {place}"

    def _say(self, document: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(document) + "\n")
        self._process.stdin.flush()
