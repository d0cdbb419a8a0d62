"""Bringing rows over again, in order with the stream of changes.

The applier is strict: a row that it changes must be there, one that it inserts must not. So the target's row
must become what the source's was at the very place of the log that the target has reached. While the target's
table is locked that place stands still for it; a row of the source that is the same version now as when it
was read at an earlier place, is the same there too.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import closing

from airflow_adbsync.engine.connect import Connection, connect, quiet_triggers, typed_errors
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.verify.both import Both
from airflow_adbsync.engine.verify.compared import Compared
from airflow_adbsync.engine.verify.portions import Key
from airflow_adbsync.engine.verify.settling import look_up, seen
from airflow_adbsync.engine.verify.tide import Tide
from airflow_adbsync.engine.verify.verdict import NOTHING, Look, is_known_here

_LOG = logging.getLogger(__name__)
_TRIES = 5
_AT_A_TIME = 1_000
_SETTINGS = {
    "statement_timeout": "0",
    "lock_timeout": "60s",
    "idle_in_transaction_session_timeout": "0",
    "search_path": "",
    "standard_conforming_strings": "on",
    "default_transaction_isolation": "read committed",
}
_READ = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Repair:
    """Repairs rows of one table, under a lock that lets others read it."""

    def __init__(self, both: Both, tide: Tide, table: Compared) -> None:
        self._both = both
        self._tide = tide
        self._table = table

    def repair(self, names: Sequence[Key]) -> None:
        """Make these rows what the source has; rows that keep changing stay as they are.

        Raises:
            RightMissing: the account may not write to the target's table.
            StatementFailed: a row does not fit, as where another row of the target has its unique value.
        """
        endpoint = self._both.target.endpoint
        with closing(connect(endpoint, autocommit=True, **_SETTINGS)) as conn:
            with typed_errors(endpoint, f"repairing {self._table.target_name}"):
                if not quiet_triggers(conn):
                    _LOG.warning(
                        "Triggers of %s fire for the rows that are repaired.", self._table.target_name
                    )
            for at in range(0, len(names), _AT_A_TIME):
                self._repair(conn, names[at : at + _AT_A_TIME])

    def _repair(self, conn: Connection, names: Sequence[Key]) -> None:
        pending = list(names)
        for _ in range(_TRIES):
            before = look_up(self._both.target, self._table.target, pending, self._table)
            source = look_up(self._both.source, self._table.source, pending, self._table)
            if not self._tide.has_reached_source():
                return
            looks = {name: Look(source.get(name, NOTHING), before.get(name, NOTHING)) for name in pending}
            done = self._bring(conn, self._both.target.endpoint, looks)
            pending = [name for name in pending if name not in done]
            if not pending:
                return

    def _bring(self, conn: Connection, endpoint: Endpoint, before: Mapping[Key, Look]) -> set[Key]:
        """Repair those rows that are known at the place where the target stands; return their names."""
        source = self._both.source
        with (
            typed_errors(endpoint, f"repairing {self._table.target_name}"),
            conn.transaction(),
            source.session() as there,
        ):
            conn.execute(f"LOCK TABLE {self._table.target.table} IN SHARE ROW EXCLUSIVE MODE")
            with typed_errors(source.endpoint, f"reading rows of {self._table.name}"):
                there.execute(_READ)
                known = self._known(conn, there, before)
                if known:
                    self._replace(conn, there, known)
                there.execute("COMMIT")
        return set(known)

    def _known(self, conn: Connection, there: Connection, before: Mapping[Key, Look]) -> list[Key]:
        names = list(before)
        target = seen(conn.execute(self._table.target.named(names).encode()).fetchall())
        source = seen(there.execute(self._table.source.named(names).encode()).fetchall())
        if not self._tide.replicates:
            return names
        has_key = bool(self._table.key_names)
        return [
            name
            for name in names
            if is_known_here(
                before[name],
                Look(source.get(name, NOTHING), target.get(name, NOTHING)),
                has_key=has_key,
            )
        ]

    def _replace(self, conn: Connection, there: Connection, names: Sequence[Key]) -> None:
        conn.execute(self._table.target.delete(names).encode())
        table = self._table.target.table.removeprefix("ONLY ")
        into = f"COPY {table} ({', '.join(self._table.written)}) FROM STDIN"
        out = self._table.source.copy_out(self._table.brought, names)
        with (
            there.cursor() as reader,
            conn.cursor() as writer,
            reader.copy(out.encode()) as rows,
            writer.copy(into.encode()) as copy,
        ):
            for block in rows:
                copy.write(block)
