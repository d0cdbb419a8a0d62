"""What fencing does to a database: who may write there, statements in somebody's role, sessions ended."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from psycopg import sql

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.cutover.privilege import Privilege
from airflow_adbsync.engine.errors import FenceFailed
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state.fences import Step

_LOG = logging.getLogger(__name__)
_ENDED_WITHIN = 30.0
# A session that is just being made shows a moment later than it began.
_QUIET_FOR = 0.2


def read_privileges(conn: Connection, tables: Collection[QualifiedName]) -> tuple[Privilege, ...]:
    """Return who may write to the tables and to their partitions."""
    rows = conn.execute(query(__package__, "privileges"), _named(tables)).fetchall()
    return tuple(Privilege(QualifiedName(schema, name), *rest) for schema, name, *rest in rows)


def read_only_settings(conn: Connection) -> dict[str | None, str]:
    """default_transaction_read_only of the database (None), and of roles that have one of their own."""
    return dict(conn.execute(query(__package__, "read_only_setting")).fetchall())


def prepared_transactions(conn: Connection) -> list[str]:
    """Return the names of the database's prepared transactions."""
    return [row[0] for row in conn.execute(query(__package__, "prepared")).fetchall()]


def run(conn: Connection, steps: Iterable[Step]) -> None:
    """Run statements in one transaction, each in its role."""
    with conn.transaction():
        for step in steps:
            if step.role is not None:
                conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(step.role)))
            conn.execute(step.sql.encode())
            if step.role is not None:
                conn.execute("RESET ROLE")


def end_sessions(conn: Connection) -> int:
    """End the sessions of others that have begun before now, so that those that come read settings anew.

    Raises:
        FenceFailed: some have not ended in time.
    """
    moment: datetime = _value(conn, "SELECT clock_timestamp()")
    return _end(conn, lambda: _pids(conn, "sessions", {"moment": moment}))


def end_writers(conn: Connection, tables: Collection[QualifiedName]) -> int:
    """End the sessions whose open transactions may have written to the tables.

    A statement locks its table before its rights are looked at: whoever holds no lock once the rights are
    gone will not write.

    Raises:
        FenceFailed: some have not ended in time.
    """
    return _end(conn, lambda: _pids(conn, "table_writers", _named(tables)))


def _end(conn: Connection, find: Callable[[], set[int]]) -> int:
    ended: set[int] = set()
    deadline, quiet_since = time.monotonic() + _ENDED_WITHIN, None
    while True:
        found = find()
        now = time.monotonic()
        if not found:
            quiet_since = quiet_since or now
            if now - quiet_since >= _QUIET_FOR:
                return len(ended)
        else:
            quiet_since = None
            if now > deadline:
                raise FenceFailed(
                    f"{len(found)} sessions on the source did not end in {_ENDED_WITHIN:.0f} s: pid "
                    f"{', '.join(map(str, sorted(found)[:5]))}.",
                    remedy="Nothing was switched; see what they wait for, then try again.",
                )
            for pid in found - ended:
                conn.execute("SELECT pg_terminate_backend(%s)", (pid,))
            ended |= found
        time.sleep(0.02)


def _pids(conn: Connection, name: str, parameters: dict[str, Any]) -> set[int]:
    return {pid for (pid,) in conn.execute(query(__package__, name), parameters).fetchall()}


def _named(tables: Collection[QualifiedName]) -> dict[str, Any]:
    return {"schemas": [table.schema for table in tables], "names": [table.name for table in tables]}


def _value(conn: Connection, statement: str) -> Any:
    row = conn.execute(statement.encode()).fetchone()
    return row[0] if row else None
