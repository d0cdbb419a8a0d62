"""The pair of sessions through which tables are loaded."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import read_server
from airflow_adbsync.engine.config import ExistingRows
from airflow_adbsync.engine.connect import Connection, connect, quiet_triggers, typed_errors
from airflow_adbsync.engine.dialect import Capabilities, capabilities
from airflow_adbsync.engine.errors import SourceSwapped
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)
# A load may take hours; only waiting for a lock has an end, and is tried again.
_PATIENCE = {
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "60s",
}
# row_security=off: rather an error than rows that a policy hides (PostgreSQL doc: Row Security Policies).
_SOURCE_SETTINGS = {**_PATIENCE, "row_security": "off"}
# Notices would be taken for the beginning of an error while rows are sent.
_TARGET_SETTINGS = {**_PATIENCE, "client_min_messages": "error"}

_BEGIN_READING = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_BEGIN_WRITING = "BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE"


@dataclass(frozen=True, slots=True)
class Session:
    """A connection in autocommit mode, what its server can do, and how its transactions begin."""

    conn: Connection
    endpoint: Endpoint
    can: Capabilities
    begin: str
    search_path: str = ""

    def use_own_search_path(self) -> None:
        """Find, until the transaction ends, what the configuration's expressions name without a schema."""
        self.conn.execute("SELECT set_config('search_path', %s, true)", (self.search_path,))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a transaction; after an error it is left open, for the session is then closed by its owner."""
        self.conn.execute(self.begin)
        yield
        self.conn.execute("COMMIT")


@dataclass(frozen=True, slots=True)
class Pair:
    """Both ends of a load, and what becomes of rows that are not the sync's."""

    source: Session
    target: Session
    existing_rows: ExistingRows = ExistingRows.REFUSE


@contextmanager
def open_pair(sync: Sync) -> Iterator[Pair]:
    """Open both ends; while they are open the sync can't be released.

    Raises:
        SyncUnknown: the sync was not started.
        SourceSwapped: the source is not the server with which it was started.
    """
    # A connection used as a context manager would commit what an error left half done.
    with (
        closing(connect(sync.target, autocommit=True, **_TARGET_SETTINGS)) as target,
        closing(connect(sync.source, autocommit=True, **_SOURCE_SETTINGS)) as source,
    ):
        with typed_errors(sync.target, "opening a load session"):
            _settle(target)
            state.ownership.hold_load(target, sync.sync_id)
            started_with = state.syncs.get(target, sync.sync_id)
            _silence_triggers(target, sync.target)
            can = capabilities(read_server(target))
            _commit_at_once(target, can)
            there = Session(target, sync.target, can, _BEGIN_WRITING)
        with typed_errors(sync.source, "opening a load session"):
            search_path = _settle(source)
            server = read_server(source)
        _refuse_another(server.system_identifier, started_with.system_identifier, sync)
        here = Session(source, sync.source, capabilities(server), _BEGIN_READING, search_path)
        yield Pair(here, there, sync.config.load.existing_rows)


def _refuse_another(found: str, expected: str, sync: Sync) -> None:
    if found and expected and found != expected:
        raise SourceSwapped(
            f"{sync.source} is another server (system identifier {found}) than the one with which sync "
            f"{sync.sync_id!r} was started ({expected}): its transactions and those of the slot have nothing "
            "in common.",
            remedy="Point the source back at the first server, or release the sync and start it anew.",
        )


def _settle(conn: Connection) -> str:
    """Keep names in values qualified (those of type regclass, say); return the account's search_path."""
    if conn.info.server_version >= 170_000:
        conn.execute("SET transaction_timeout = 0")
    row = conn.execute(
        "SELECT current_setting('search_path'), set_config('search_path', '', false)"
    ).fetchone()
    return str(row[0]) if row else ""


def _commit_at_once(conn: Connection, can: Capabilities) -> None:
    """Don't wait for the disk at each commit: rows and the note of them are one transaction, and the log is
    flushed in its order, so a crash loses both or neither. Segments have a log each, where this isn't so.

    (PostgreSQL doc: Asynchronous Commit.)
    """
    if not can.distributed:
        conn.execute("SET synchronous_commit = off")


def _silence_triggers(conn: Connection, endpoint: Endpoint) -> None:
    if not quiet_triggers(conn):
        _LOG.warning(
            "%s may not set session_replication_role: triggers and foreign keys there fire during the load.",
            endpoint,
        )
