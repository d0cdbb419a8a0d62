"""Having a server parse expressions, without running them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn

from airflow_adbsync.engine.precheck.expression import Expression
from airflow_adbsync.engine.precheck.side import Side

Refusal = str
# The target gets the source's types from the schema phase; until then it can't judge.
_TYPE_UNKNOWN = b"42704"


def refusals(side: Side, found: Sequence[Expression]) -> Iterator[tuple[Expression, Refusal]]:
    """Those that the server does not understand, with its words."""
    pgconn = side.connection.pgconn
    for item in found:
        for statement in item.statements:
            refusal = _refusal(pgconn, statement, types_may_be_missing=side.name == "target")
            if refusal is not None:
                yield item, refusal
                break


def _refusal(pgconn: PGconn, statement: str, *, types_may_be_missing: bool) -> Refusal | None:
    """Parse takes one statement, so nothing hides behind a semicolon (PostgreSQL doc: Extended Query)."""
    result = pgconn.prepare(b"", statement.encode())
    if result.status == ExecStatus.COMMAND_OK:
        return None
    if types_may_be_missing and result.error_field(DiagnosticField.SQLSTATE) == _TYPE_UNKNOWN:
        return None
    words = result.error_field(DiagnosticField.MESSAGE_PRIMARY) or b"it gave no reason"
    return words.decode(errors="replace") + "."
