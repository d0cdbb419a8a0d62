"""Reading the slot's stream: bytes become parts in a thread of its own, while the applier is busy.

The bounded queue of parts is the back-pressure: while it is full nothing more is read, yet the source hears
from us, so it never takes us for dead (PostgreSQL doc: Streaming Replication Protocol).
"""

from __future__ import annotations

import queue
import select
import struct
import threading
import time
from types import TracebackType
from typing import Self

import psycopg
from psycopg.pq.abc import PGconn

from airflow_adbsync.engine.connect import classify, connect_replication, typed_errors
from airflow_adbsync.engine.errors import ConnectionFailed, ProtocolViolation
from airflow_adbsync.engine.libpq import row_functions
from airflow_adbsync.engine.model import Endpoint, Lsn, quote_identifier
from airflow_adbsync.engine.replication.batch import Assembler, Part
from airflow_adbsync.engine.replication.decoder import text_needed
from airflow_adbsync.engine.replication.folding import Read, Reader, drain

_REPORT_EVERY = 1.0
_WAIT = 0.1
# A part costs the target something whatever it holds: what comes close upon another joins it.
_QUIET = 0.01
_GATHER = 0.1
_BLINK = 0.002
# Between two looks at the applier.
_MOMENT = 0.02
# Between two looks at the clock.
_AT_A_TIME = 1000
_MICROSECONDS_TO_2000 = 946_684_800_000_000
# A transaction that does not fit is written to the source's disk and read again (13 and newer).
_MORE_MEMORY = """
    SELECT set_config(name, '262144', false) FROM pg_catalog.pg_settings
    WHERE name = 'logical_decoding_work_mem' AND setting::int < 262144
"""
# Only what did not come by replication itself (16 and newer).
_UNMARKED = ", origin 'none'"
_BINARY = ", binary 'true'"
_xlog_data = struct.Struct("!cQQq")
_keepalive = struct.Struct("!cQqB")
_report = struct.Struct("!cQQQqB")


class Receiver:
    """Streams from a slot into a queue of parts.

    ``unmarked``: what carries a replication origin is left out. ``binary``: values come in that form where
    they have one, else as text. ``confirm`` tells the source what the target
    has committed; only that lets the slot move on.
    """

    def __init__(
        self,
        source: Endpoint,
        slot: str,
        start: Lsn,
        assembler: Assembler,
        *,
        unmarked: bool = False,
        binary: bool = False,
    ) -> None:
        self._source = source
        self._assembler = assembler
        self._binary = binary
        self._received = self._confirmed = self._reported = start
        self._passed = self._rest = start
        self._queue: queue.Queue[Part] = queue.Queue(maxsize=1)
        # Changes and bytes; each is written by one thread only.
        self._handed_over = self._taken = (0, 0)
        self._ending = threading.Event()
        self._failure: BaseException | None = None
        self._next_report = 0.0
        self._conn = connect_replication(source)
        self._poll = select.poll()
        self._poll.register(self._conn.pgconn.socket, select.POLLIN)
        try:
            with typed_errors(source, "starting replication"):
                self._start(slot, start, (_UNMARKED if unmarked else "") + (_BINARY if binary else ""))
        except BaseException:
            self._conn.close()
            raise
        self._read = _reader(self._conn.pgconn)
        self._until = 0.0
        self._thread = threading.Thread(target=self._run, name=f"receiver of {slot}", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()
        self._conn.close()

    def next(self, timeout: float) -> Part | None:
        """Return the next part, or None when none came in time.

        Raises:
            AdbsyncError: the stream ended.
        """
        try:
            part = self._queue.get(timeout=timeout)
        except queue.Empty:
            if self._failure is not None and self._queue.empty():
                raise self._failure from None
            return None
        self._taken = _plus(self._taken, part)
        return part

    def confirm(self, lsn: Lsn) -> None:
        """Say that the target holds everything up to here."""
        self._confirmed = lsn

    @property
    def queued(self) -> tuple[int, int]:
        """How many changes, and how many bytes of them, were read and not taken yet."""
        changes, size = self._assembler.gathered
        (came, came_bytes), (went, went_bytes) = self._handed_over, self._taken
        return changes + came - went, size + came_bytes - went_bytes

    @property
    def rest(self) -> Lsn:
        """Where the stream stands while nothing is under way: all before it is in parts handed out.

        Read it before asking for the next part: if then none is there, all of it is applied.
        """
        return self._rest

    def _start(self, slot: str, start: Lsn, options: str) -> None:
        self._conn.execute(_MORE_MEMORY)
        name = quote_identifier(slot)
        command = (
            f"START_REPLICATION SLOT {name} LOGICAL {start} "
            f"(proto_version '1', publication_names '{name.replace(chr(39), chr(39) * 2)}'"
            f"{options})"
        )
        result = self._conn.pgconn.exec_(command.encode())
        if result.status != psycopg.pq.ExecStatus.COPY_BOTH:
            raise psycopg.errors.error_from_result(result)

    def _run(self) -> None:
        try:
            while not self._ending.is_set():
                quiet = not self._drain() and not self._wait(_WAIT if self._assembler.at_rest else _QUIET)
                # While the applier is busy, what comes is added to the part that waits.
                if self._queue.empty() and (quiet or self._assembler.age >= _GATHER):
                    self._hand_over(self._assembler.take())
                self._settle()
                self._report()
            self._report(now=True)
        except psycopg.errors.UndefinedFunction as error:
            # An array or a composite whose parts have no binary form: its type alone does not tell.
            failure = classify(error, self._source, "reading the slot")
            self._failure = text_needed("A table") if self._binary else failure
        except psycopg.Error as error:
            self._failure = classify(error, self._source, "reading the slot")
        except Exception as error:  # noqa: BLE001 - whatever ends the thread is raised where parts are asked for
            self._failure = error

    def _drain(self) -> bool:
        """Read what is there, for a moment; tell whether anything was."""
        any_ = False
        self._until = time.monotonic() + _MOMENT
        while not self._ending.is_set():
            changes, size = self._assembler.room
            run, tables = self._assembler.transactions(), self._assembler.open
            changes, size, length, data = drain(
                self._read, self._blink, tables, run, most=min(changes, _AT_A_TIME), room=size
            )
            self._hand_over(self._assembler.add(changes, size, run))
            if run.commit is not None:
                self._received = max(self._received, run.commit.commit_lsn)
            if data:
                self._take(data)
            elif length == 0:
                any_ = any_ or changes > 0 or run.commit is not None
                if not (any_ and self._wait(0)):
                    return any_
            elif length < 0:
                self._ended(length)
            any_ = True
            if time.monotonic() >= self._until:
                break
        return any_

    def _blink(self) -> bool:
        """What comes in the midst of a transaction goes on at once, if the source is not held up."""
        return time.monotonic() < self._until and self._wait(_BLINK)

    def _ended(self, length: int) -> None:
        if length < -1:
            message = self._conn.pgconn.error_message.decode(errors="replace").strip()
            raise psycopg.OperationalError(f"getting copy data failed: {message}")
        result = self._conn.pgconn.get_result()
        if result is not None and result.status == psycopg.pq.ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(result)
        raise ConnectionFailed(f"{self._source}: the source ended the stream.", remedy="It is opened again.")

    def _take(self, data: bytes) -> None:
        if data[0] == 0x77:  # w
            self._received = max(self._received, Lsn(_xlog_data.unpack_from(data)[1]))
            self._hand_over(self._assembler.feed(data, _xlog_data.size))
        elif data[0] == 0x6B:  # k
            _, end, _, wants_reply = _keepalive.unpack_from(data)
            self._received = max(self._received, Lsn(end))
            self._passed = max(self._passed, Lsn(end))
            self._settle()
            if wants_reply:
                self._report(now=True)
        else:
            raise ProtocolViolation(f"The source sent a copy message of the unknown kind {data[:1]!r}.")

    def _settle(self) -> None:
        """A keepalive follows everything that lies before its position, which may be under way still."""
        if self._assembler.at_rest:
            self._rest = self._passed

    def _hand_over(self, part: Part | None) -> None:
        if part is None:
            return
        self._handed_over = _plus(self._handed_over, part)
        while not self._ending.is_set():
            try:
                self._queue.put(part, timeout=_WAIT)
            except queue.Full:
                self._report()
            else:
                return

    def _wait(self, seconds: float) -> bool:
        """Tell whether anything came."""
        came = bool(self._poll.poll(seconds * 1000))
        if came:
            self._conn.pgconn.consume_input()
        return came

    def _report(self, *, now: bool = False) -> None:
        """Send a standby status update: what was received, and what is safe on the target."""
        confirmed = self._confirmed
        if not now and confirmed == self._reported and time.monotonic() < self._next_report:
            return
        clock = time.time_ns() // 1000 - _MICROSECONDS_TO_2000
        report = _report.pack(b"r", max(self._received, confirmed), confirmed, confirmed, clock, 0)
        self._conn.pgconn.put_copy_data(report)
        self._conn.pgconn.flush()
        self._reported = confirmed
        self._next_report = time.monotonic() + _REPORT_EVERY


def _reader(pgconn: PGconn) -> Read:
    functions = None if Reader is None else row_functions()
    if Reader is None or functions is None:
        return pgconn.get_copy_data
    return Reader(pgconn, *functions)


def _plus(counted: tuple[int, int], part: Part) -> tuple[int, int]:
    return counted[0] + part.changes, counted[1] + part.bytes
