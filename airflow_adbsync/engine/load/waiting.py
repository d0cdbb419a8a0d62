"""Waiting on libpq's sockets such that signals get through and neither side is left unheard."""

from __future__ import annotations

import select

import psycopg
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

READ = select.POLLIN
WRITE = select.POLLOUT
_ERRORS = select.POLLERR | select.POLLHUP | select.POLLNVAL
_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE)


def wait(wishes: dict[int, int]) -> dict[int, int]:
    """Wait until a socket can be read or written, as wished; an error counts as all that is wished."""
    poll = select.poll()
    for socket, wish in wishes.items():
        poll.register(socket, wish)
    return {socket: wishes[socket] if happened & _ERRORS else happened for socket, happened in poll.poll()}


def begin_copy(pgconn: PGconn, statement: str) -> None:
    """Run a COPY statement up to the point where rows flow.

    Raises:
        psycopg.Error: the server refuses it.
    """
    pgconn.send_query(statement.encode())
    while pgconn.flush():
        wait({pgconn.socket: WRITE})
    result = next_result(pgconn)
    if result is not None and result.status in {ExecStatus.COPY_OUT, ExecStatus.COPY_IN}:
        return
    last_result(pgconn, result)


def next_result(pgconn: PGconn) -> PGresult | None:
    """Wait for the next result; None when there are no more."""
    while pgconn.is_busy():
        wait({pgconn.socket: READ})
        pgconn.consume_input()
    return pgconn.get_result()


def last_result(pgconn: PGconn, result: PGresult | None) -> PGresult:
    """Take the results that are left, and return the command's own.

    Raises:
        psycopg.Error: one of them is an error.
    """
    last = result
    while result is not None:
        last = result if last is None or last.status not in _FAILED else last
        result = next_result(pgconn)
    if last is None:
        raise psycopg.OperationalError("the connection was lost")
    if last.status in _FAILED:
        raise psycopg.errors.error_from_result(last)
    return last


def rows_of(result: PGresult) -> int:
    """The number of rows in a COPY's command tag."""
    return result.command_tuples or 0
