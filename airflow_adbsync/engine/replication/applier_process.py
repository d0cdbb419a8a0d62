"""The applier as a process: its order on standard input, its events on standard output.

It ends when its standard input closes, so it never outlives who started it. The order holds passwords: it
comes on standard input because arguments and environment can be read by others.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from io import RawIOBase
from typing import IO

from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.events import ApplierFailed, Event, to_line
from airflow_adbsync.engine.replication.applier import apply
from airflow_adbsync.engine.replication.until import Until, until_from_json, until_to_json
from airflow_adbsync.engine.sync import Sync

MODULE = __spec__.name if __spec__ else __name__
# How long a batch that is under way may take when the order is withdrawn; what is not committed is not lost.
_GRACE = 5.0
_LOG = logging.getLogger(__name__)


def order(sync: Sync, until: Until) -> bytes:
    """The line that the process expects first."""
    return json.dumps({"sync": sync.to_json(), "until": until_to_json(until)}).encode() + b"\n"


def main(orders: RawIOBase, events: IO[str]) -> int:
    """Carry one order out; return the exit status: 1 after an error that was said, 2 if no order came."""
    try:
        document = json.loads(orders.readline())
    except ValueError:
        _LOG.error("Standard input was closed before it held an order.")
        return 2
    withdrawn = threading.Event()
    threading.Thread(target=_watch, args=(orders, withdrawn), daemon=True).start()
    lock = threading.Lock()

    def say(event: Event) -> None:
        with lock:
            events.write(to_line(event) + "\n")
            events.flush()

    try:
        until = until_from_json(document["until"])
        say(apply(Sync.from_json(document["sync"]), until, say, withdrawn.is_set))
    except AdbsyncError as error:
        say(ApplierFailed.of(error))
        return 1
    return 0


def _watch(orders: RawIOBase, withdrawn: threading.Event) -> None:
    while orders.read(1):
        pass
    withdrawn.set()
    time.sleep(_GRACE)
    os._exit(3)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    # Unbuffered: a thread that waits in a buffered reader would hold its lock when the interpreter ends.
    with os.fdopen(0, "rb", buffering=0, closefd=False) as orders:
        sys.exit(main(orders, sys.stdout))
