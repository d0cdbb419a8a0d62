"""The replication origin that marks what a sync applies, so that a sync the other way leaves it out.

How far the sync has got is not kept there but in the control schema; the origin is a mark and nothing else
(PostgreSQL doc: Replication Progress Tracking).
"""

from __future__ import annotations

import psycopg

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import TransientServerError


def name_of(sync_id: str) -> str:
    """The origin's name on the target."""
    return f"adbsync_{sync_id}"


def mark(conn: Connection, sync_id: str) -> None:
    """Mark all that this session commits from now on; the origin is made where it is not there.

    Raises:
        psycopg.errors.InsufficientPrivilege: the account may not call the functions.
        TransientServerError: the session of an applier of before still has it.
    """
    name = name_of(sync_id)
    try:
        with conn.transaction():
            row = conn.execute("SELECT pg_replication_origin_oid(%s)", (name,)).fetchone()
            if row is None or row[0] is None:
                conn.execute("SELECT pg_replication_origin_create(%s)", (name,))
        conn.execute("SELECT pg_replication_origin_session_setup(%s)", (name,))
    except psycopg.errors.ObjectInUse as error:
        raise TransientServerError(
            f"Replication origin {name} is in use by another session.", remedy="It is tried again."
        ) from error


def drop(conn: Connection, sync_id: str) -> None:
    """Drop the origin, if it is there; who may not see it has not made it."""
    name = name_of(sync_id)
    try:
        with conn.transaction():
            conn.execute(
                "SELECT pg_replication_origin_drop(roname) FROM pg_catalog.pg_replication_origin "
                "WHERE roname = %s",
                (name,),
            )
    except psycopg.errors.InsufficientPrivilege:
        return
