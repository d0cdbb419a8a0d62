"""The reading half of a relay: COPY TO STDOUT, from libpq in batches to the caller."""

from __future__ import annotations

from itertools import groupby

from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.load.gathering import gatherer
from airflow_adbsync.engine.load.session import Session
from airflow_adbsync.engine.load.waiting import begin_copy, last_result, next_result, rows_of

BATCH = 64 << 10


class CopyOut:
    """One COPY on the source.

    Memory holds one batch and what the socket has delivered; a slow reader slows the server down. A row that
    is longer than a batch is handed on where libpq has put it.
    """

    def __init__(self, session: Session, doing: str) -> None:
        self._session = session
        self._pgconn = session.conn.pgconn
        self._doing = doing
        self._gather = gatherer(BATCH)
        self._parts: list[bytes | memoryview] = []
        self._size = 0
        self.running = False
        self.taken = 0
        self.rows = 0

    @property
    def socket(self) -> int:
        """The file descriptor to wait on."""
        return self._pgconn.socket

    def start(self, statement: str) -> None:
        """Run the COPY statement."""
        with typed_errors(self._session.endpoint, self._doing):
            begin_copy(self._pgconn, statement)
        self.running = True

    def read(self) -> list[bytes | memoryview]:
        """Return a batch; nothing if it is not whole yet (wait, then `receive`), or if there is no more."""
        with typed_errors(self._session.endpoint, self._doing):
            return self._take() if self.running and self._is_filled() else []

    def receive(self) -> None:
        """Take what the socket has."""
        with typed_errors(self._session.endpoint, self._doing):
            self._pgconn.consume_input()

    def cancel(self) -> None:
        """Let the server stop working for nobody; as well as can be, the connection is closed afterwards."""
        if self.running:
            self.running = False
            self._session.conn.cancel_safe(timeout=5)

    def _is_filled(self) -> bool:
        """Collect rows; tell whether there is a batch to take: a whole one, or the last one."""
        said = 1
        while said > 0 and self._size < BATCH:
            rows, said, parts = self._gather(self._pgconn)
            self.taken += rows
            self._parts += parts
            self._size += sum(map(len, parts))
        if said < 0:
            # The end can come with the rows that fill the last batch; libpq must not be asked again after it.
            self._finish()
            return self._size > 0
        return self._size >= BATCH

    def _finish(self) -> None:
        result = last_result(self._pgconn, next_result(self._pgconn))
        self.rows = rows_of(result)
        self.running = False

    def _take(self) -> list[bytes | memoryview]:
        parts, self._parts, self._size = self._parts, [], 0
        batch: list[bytes | memoryview] = []
        for is_long, group in groupby(parts, key=lambda part: len(part) >= BATCH):
            some = list(group)
            batch += some if is_long else [b"".join(some)]
        return batch
