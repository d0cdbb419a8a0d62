"""ALTER TABLE on tables that others use: short waits for the lock, tried again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import psycopg

from airflow_adbsync.engine.blockers import describe, lock_holders
from airflow_adbsync.engine.config import ReplicaIdentityOptions
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import LockNotObtained
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.replica_identity.alteration import Alteration
from airflow_adbsync.engine.retry import with_retries

_NAMED = 3


def alter(
    endpoint: Endpoint,
    options: ReplicaIdentityOptions,
    alterations: Sequence[Alteration],
    done: Callable[[Alteration], None],
) -> None:
    """Alter every table; one that is locked keeps no other one waiting, and is tried again.

    While it waits for its lock, an ALTER TABLE keeps everybody else from the table: hence the short timeout.

    Raises:
        LockNotObtained: a lock was not given in ``options.retry_for``; the message names who holds it.
        RightMissing: a table belongs to somebody else.
    """
    pending = {alteration.name: alteration for alteration in alterations}
    timeout = str(max(1, int(options.lock_timeout.total_seconds() * 1000)))

    def attempt() -> None:
        blocked = []
        with (
            typed_errors(endpoint, "setting replica identities"),
            connect(endpoint, autocommit=True, lock_timeout=timeout) as conn,
        ):
            for alteration in tuple(pending.values()):
                who = _alter_one(conn, alteration)
                if who is None:
                    done(pending.pop(alteration.name))
                else:
                    blocked.append(f"{alteration.name} is held by {who}")
        if blocked:
            raise LockNotObtained(
                f"{endpoint}: the replica identity of {len(blocked)} table(s) could not be set within "
                f"{options.lock_timeout}: {'; '.join(blocked[:_NAMED])}.",
                remedy="Let those transactions end, or pg_terminate_backend them, and run this again.",
            )

    if pending:
        with_retries(attempt, options.retry_for)


def _alter_one(conn: Connection, alteration: Alteration) -> str | None:
    """None when it is done, else who was in the way."""
    try:
        conn.execute(alteration.sql)
    except psycopg.errors.LockNotAvailable:
        return describe(lock_holders(conn, alteration.oid))
    return None
