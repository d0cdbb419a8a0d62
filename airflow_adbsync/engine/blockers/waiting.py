"""Waiting for other sessions' transactions, and saying so."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from airflow_adbsync.engine.blockers.sessions import describe, open_transactions
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import AdbsyncError, LockNotObtained
from airflow_adbsync.engine.model import Endpoint

_LOG = logging.getLogger(__name__)
END_THEM = "End them (pg_terminate_backend, COMMIT or ROLLBACK PREPARED), then run this again."
_FIRST_WORD = 3.0
_NEXT_WORD = 60.0
_LONGEST_PAUSE = 1.0


@contextmanager
def announce_slow(endpoint: Endpoint, doing: str) -> Iterator[None]:
    """While the body waits for open transactions, name them in the log: after 3 seconds, then each minute."""
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(endpoint, doing, done), name="adbsync-wait", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join(timeout=5)


def wait_for_open_transactions(conn: Connection, endpoint: Endpoint, doing: str, within: timedelta) -> None:
    """Return when every transaction that is open now, in any database of the server, has ended.

    The connection is in autocommit mode.

    Raises:
        LockNotObtained: one is still open after ``within``; the message names the oldest.
    """
    deadline = time.monotonic() + within.total_seconds()
    # An id of its own: a snapshot's xmax is no higher than open ones that are newer than all that ended.
    horizon = _number(conn, "SELECT txid_current()")
    pause = 0.02
    with announce_slow(endpoint, doing):
        while _number(conn, "SELECT txid_snapshot_xmin(txid_current_snapshot())") < horizon:
            if time.monotonic() > deadline:
                raise LockNotObtained(
                    f"{endpoint}: {doing}: transactions that were open {within} ago have not ended: "
                    f"{describe(open_transactions(conn))}.",
                    remedy=END_THEM,
                )
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def _watch(endpoint: Endpoint, doing: str, done: threading.Event) -> None:
    pause = _FIRST_WORD
    while not done.wait(pause):
        pause = _NEXT_WORD
        try:
            with (
                typed_errors(endpoint, "reading open transactions"),
                connect(endpoint, autocommit=True) as conn,
            ):
                _LOG.warning("%s waits for open transactions: %s.", doing, describe(open_transactions(conn)))
        except AdbsyncError as error:
            _LOG.warning("%s waits for open transactions; they could not be read: %s", doing, error)


def _number(conn: Connection, statement: str) -> int:
    row = conn.execute(statement).fetchone()
    return int(row[0]) if row else 0
