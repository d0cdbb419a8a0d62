"""Making and dropping a slot."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

import psycopg

from airflow_adbsync.engine.blockers import END_THEM, announce_slow, describe, open_transactions
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import CapabilityMissing, LockNotObtained, SlotTaken, SyncRunning
from airflow_adbsync.engine.model import Endpoint, Lsn
from airflow_adbsync.engine.slot.noun import PLUGIN, find

_LOG = logging.getLogger(__name__)
_CREATE_WITHIN = timedelta(minutes=10)


def create(endpoint: Endpoint, name: str, *, failover: bool, within: timedelta = _CREATE_WITHIN) -> Lsn:
    """Create a logical slot and return its consistent point: it delivers what commits after it.

    The server first waits for every transaction that has written and not ended
    (PostgreSQL doc: Logical Decoding Concepts).

    Raises:
        LockNotObtained: such transactions have not ended in time; the message names them.
        SlotTaken: there is a slot of this name.
        CapabilityMissing: wal_level is not logical.
    """
    milliseconds = str(int(within.total_seconds() * 1000))
    doing = f"creating slot {name}"
    with (
        typed_errors(endpoint, doing),
        connect(endpoint, autocommit=True, statement_timeout=milliseconds) as conn,
    ):
        _notice_lost_client(conn)
        try:
            with announce_slow(endpoint, doing):
                return _create(conn, name, failover=failover)
        except psycopg.errors.QueryCanceled as error:
            raise LockNotObtained(
                f"{endpoint}: slot {name} could not be created within {within}: it waits for open "
                f"transactions: {describe(open_transactions(conn))}.",
                remedy=END_THEM,
            ) from error
        except psycopg.errors.DuplicateObject as error:
            raise SlotTaken(
                f"{endpoint}: slot {name} exists already.", remedy="Wait for whoever has just made it."
            ) from error
        except psycopg.errors.ObjectNotInPrerequisiteState as error:
            raise CapabilityMissing(
                f"{endpoint}: slot {name} could not be created: {error.diag.message_primary}.",
                remedy="Set wal_level = logical on the source and restart it.",
            ) from error


def drop(
    conn: Connection, name: str, *, wait: timedelta = timedelta(seconds=10), end_reader: bool = False
) -> bool:
    """Drop a slot, once nobody reads it; tell whether there was one.

    With ``end_reader`` whoever reads it is ended.

    Raises:
        SyncRunning: somebody still reads it after ``wait``.
    """
    deadline = time.monotonic() + wait.total_seconds()
    while (slot := find(conn, name)) is not None:
        if slot.active_pid is None:
            try:
                conn.execute("SELECT pg_drop_replication_slot(%s)", (name,))
            except psycopg.errors.ObjectInUse:
                continue
            except psycopg.errors.UndefinedObject:
                return False
            _LOG.info("Slot %s dropped.", name)
            return True
        if end_reader:
            conn.execute("SELECT pg_terminate_backend(%s)", (slot.active_pid,))
        if time.monotonic() > deadline:
            raise SyncRunning(
                f"Slot {name} is being read (pid {slot.active_pid} on the source).",
                remedy="Stop whoever reads it, or release with force.",
            )
        time.sleep(0.1)
    return False


def _create(conn: Connection, name: str, *, failover: bool) -> Lsn:
    option = ", failover => true" if failover else ""
    row = conn.execute(
        f"SELECT lsn::text FROM pg_create_logical_replication_slot(%s, %s{option})",
        (name, PLUGIN),
    ).fetchone()
    assert row is not None  # noqa: S101 - the function returns one row or raises
    return Lsn.parse(row[0])


def _notice_lost_client(conn: Connection) -> None:
    """Let the server (14+) end the wait when the client is gone, lest a slot appears that nobody wants."""
    conn.execute(
        "SELECT set_config(name, '5s', false) FROM pg_catalog.pg_settings WHERE name = %s",
        ("client_connection_check_interval",),
    )
