"""Plays the applier's part: ``python stand_in_applier.py <notebook> <part> [<part of the second run> ...]``.

Each run appends its order to the notebook; the last part is played by every later run too.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path


def say(event: str, **fields: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


def fail(error: str, *, retryable: bool) -> None:
    say("ApplierFailed", error={"type": error, "what": f"A {error}.", "remedy": "Do."}, retryable=retryable)
    sys.exit(1)


def stops(_notebook: Path) -> None:
    say("ApplierStarted", owner="stand-in", epoch=1, lsn="0/10")
    batch = {"lsn": "0/20", "commit_time": None, "transactions": 2, "changes": 5, "rows": 4, "seconds": 0.1}
    say("BatchApplied", **batch)
    say("BatchApplied", **batch)
    say("ApplierStopped", reason="caught_up", lsn="0/30")


def obeys(notebook: Path) -> None:
    say("ApplierStarted", owner="stand-in", epoch=1, lsn="0/10")
    sys.stdin.read()
    notebook.with_suffix(".left").touch()


def is_stubborn(_notebook: Path) -> None:
    say("ApplierStarted", owner="stand-in", epoch=1, lsn="0/10")
    while True:
        time.sleep(60)


def chatters(notebook: Path) -> None:
    for number in range(20_000):
        sys.stderr.write(f"WARNING {number} {'x' * 100}\n")
    sys.stderr.write("x" * (3 << 20) + "\n")
    sys.stdout.write("this is no event\n")
    stops(notebook)


PARTS: dict[str, Callable[[Path], None]] = {
    "stops": stops,
    "obeys": obeys,
    "is stubborn": is_stubborn,
    "chatters": chatters,
    "dies": lambda _notebook: os._exit(9),
    "is busy": lambda _notebook: fail("ApplierBusy", retryable=True),
    "lost the slot": lambda _notebook: fail("SlotLost", retryable=False),
    "gave up": lambda _notebook: fail("ConnectionFailed", retryable=True),
}

if __name__ == "__main__":
    name, *parts = sys.argv[1:]
    path = Path(name)
    earlier = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    with path.open("a", encoding="utf-8") as pages:
        pages.write(json.dumps({"pid": os.getpid(), **json.loads(sys.stdin.readline())}) + "\n")
    PARTS[parts[min(len(earlier), len(parts) - 1)]](path)
