"""Having a server parse expressions, without running them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psycopg.pq import DiagnosticField, ExecStatus

from airflow_adbsync.engine.precheck.expression import Expression
from airflow_adbsync.engine.precheck.side import Side

Refusal = str
# The target gets the source's types from the schema phase; until then it can't judge.
_TYPE_UNKNOWN = b"42704"


def refusals(side: Side, found: Sequence[Expression]) -> Iterator[tuple[Expression, Refusal]]:
    """Those that the server does not understand, with its words.

    Parse of the extended protocol takes one statement only, so nothing can hide behind a semicolon
    (PostgreSQL doc: Message Flow, Extended Query).
    """
    pgconn = side.connection.pgconn
    for item in found:
        result = pgconn.prepare(b"", item.statement.encode())
        if result.status == ExecStatus.COMMAND_OK:
            continue
        if side.name == "target" and result.error_field(DiagnosticField.SQLSTATE) == _TYPE_UNKNOWN:
            continue
        words = result.error_field(DiagnosticField.MESSAGE_PRIMARY) or b"it gave no reason"
        yield item, words.decode(errors="replace") + "."
