"""Sessions and prepared transactions that others wait for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Session:
    """One session (PostgreSQL doc: pg_stat_activity), or a prepared transaction, which has no ``pid``.

    Its query is left out: it may hold what belongs into no log.
    """

    pid: int | None
    user: str | None
    database: str | None
    application: str | None
    state: str | None
    since: datetime | None
    prepared: str | None = None

    def __str__(self) -> str:
        if self.pid is None:
            return f"prepared transaction {self.prepared or '(unknown)'}"
        seen = (
            self.user and f"user {self.user}",
            self.database and f"database {self.database}",
            self.application,
            self.state,
            self.since and f"transaction open since {self.since:%Y-%m-%d %H:%M:%S %Z}",
        )
        known = ", ".join(part for part in seen if part)
        return f"pid {self.pid} ({known})" if known else f"pid {self.pid}"


def lock_holders(conn: Connection, oid: int) -> tuple[Session, ...]:
    """Other sessions that hold a lock on this relation."""
    return _read(conn, "lock_holders", {"oid": oid})


def open_transactions(conn: Connection) -> tuple[Session, ...]:
    """Other sessions' transactions that have written and not ended, the oldest first; ten at most."""
    return _read(conn, "open_transactions", {})


def describe(sessions: Sequence[Session]) -> str:
    """Name the first few for a message."""
    if not sessions:
        return "nobody that can be seen now"
    more = len(sessions) - _NAMED
    return ", ".join(map(str, sessions[:_NAMED])) + (f" and {more} more" if more > 0 else "")


def _read(conn: Connection, name: str, parameters: dict[str, int]) -> tuple[Session, ...]:
    return tuple(
        Session(*row) for row in conn.execute(query(__package__, name), parameters or None).fetchall()
    )
