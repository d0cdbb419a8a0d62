"""Both servers take writes: the source for its publication, the target for everything."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.precheck.check import Check, failed, passed
from airflow_adbsync.engine.precheck.context import Context

NAME = "read_only"


def assess(side: str, *, standby: bool, read_only: bool) -> Finding:
    """A standby's primary is what is wanted."""
    if standby:
        remedy = f"Point the {side}'s connection at the primary."
        return failed(NAME, "The server is a standby.", remedy, subject=side)
    if read_only:
        return failed(
            NAME,
            "Transactions are read-only (default_transaction_read_only).",
            "Turn it off for the server, the database or the account.",
            subject=side,
        )
    return passed(NAME, "The server takes writes.", subject=side)


def _look(context: Context) -> Iterator[Finding]:
    for side in (context.source, context.target):
        (standby,) = side.row("read_only")
        # Of an ordinary session: our own ask for the opposite.
        read_only = side.settings["default_transaction_read_only"].is_on
        yield assess(side.name, standby=standby, read_only=read_only)


CHECK = Check(NAME, _look)
