"""The writing half of a relay: batches into COPY FROM STDIN."""

from __future__ import annotations

import logging
from contextlib import suppress

import psycopg
from psycopg.errors import Diagnostic

from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.errors import AdbsyncError, TransientServerError
from airflow_adbsync.engine.load.session import Session
from airflow_adbsync.engine.load.waiting import (
    READ,
    WRITE,
    begin_copy,
    last_result,
    next_result,
    rows_of,
    wait,
)

_LOG = logging.getLogger(__name__)
_AT_A_TIME = 256 << 10
_INTERRUPTED = "adbsync: the server spoke in the middle of the rows"


class CopyIn:
    """One COPY on the target.

    libpq doesn't look for the server's errors before the end of a COPY, and would send terabytes after the
    first refused row. So when the server says anything that is not a notice, the COPY is ended to hear it.
    """

    def __init__(self, session: Session, doing: str) -> None:
        self._session = session
        self._pgconn = session.conn.pgconn
        self._doing = doing
        self._notices = 0
        self.running = False
        self.rows = 0

    @property
    def socket(self) -> int:
        """The file descriptor to wait on."""
        return self._pgconn.socket

    def start(self, statement: str) -> None:
        """Run the COPY statement."""
        with typed_errors(self._session.endpoint, self._doing):
            begin_copy(self._pgconn, statement)
        self._session.conn.add_notice_handler(self._count_notice)
        self.running = True

    def write(self, part: bytes | memoryview) -> None:
        """Send it, and return once the socket has taken all of it, so that libpq's buffer stays small.

        Raises:
            AdbsyncError: the server refused a row, or is gone.
        """
        with typed_errors(self._session.endpoint, self._doing):
            for start in range(0, len(part), _AT_A_TIME):
                self._write(part if len(part) <= _AT_A_TIME else part[start : start + _AT_A_TIME])

    def _write(self, piece: bytes | memoryview) -> None:
        while self._pgconn.put_copy_data(piece) == 0:
            self._wait_to_write()
        while self._pgconn.flush():
            self._wait_to_write()

    def listen(self) -> None:
        """Hear what the server says while it should only read.

        Raises:
            AdbsyncError: it refused a row, or is gone.
        """
        with typed_errors(self._session.endpoint, self._doing):
            self._listen()

    def finish(self) -> None:
        """End the COPY; the rows are in the open transaction."""
        with typed_errors(self._session.endpoint, self._doing):
            result = self._end(None)
        self.rows = rows_of(result)

    def abort(self, reason: str) -> None:
        """End the COPY with an error, as well as can be; the transaction is lost."""
        if self.running:
            with suppress(AdbsyncError), typed_errors(self._session.endpoint, self._doing):
                self._end(f"adbsync: {reason}".encode())

    def _wait_to_write(self) -> None:
        happened = wait({self.socket: READ | WRITE})
        if happened.get(self.socket, 0) & READ:
            self._listen()

    def _listen(self) -> None:
        self._pgconn.consume_input()
        heard = self._notices
        self._pgconn.is_busy()
        if self._notices > heard:
            return
        try:
            self._end(_INTERRUPTED.encode())
        except psycopg.errors.QueryCanceled as error:
            if _INTERRUPTED in str(error):
                raise TransientServerError(
                    f"{self._session.endpoint}: {self._doing}: the server said something else than an error "
                    "while rows were sent.",
                    remedy="Nothing: the table is loaded again.",
                ) from error
            raise
        raise psycopg.OperationalError("the server ended the COPY by itself")

    def _end(self, error: bytes | None) -> psycopg.pq.abc.PGresult:
        self.running = False
        try:
            while self._pgconn.put_copy_end(error) == 0:
                self._push()
            while self._pgconn.flush():
                self._push()
            return last_result(self._pgconn, next_result(self._pgconn))
        finally:
            self._session.conn.remove_notice_handler(self._count_notice)

    def _push(self) -> None:
        if wait({self.socket: READ | WRITE}).get(self.socket, 0) & READ:
            self._pgconn.consume_input()

    def _count_notice(self, _notice: Diagnostic) -> None:
        self._notices += 1
