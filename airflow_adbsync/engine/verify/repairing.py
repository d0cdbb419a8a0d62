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

import psycopg

from airflow_adbsync.engine.connect import Connection, connect, quiet_triggers, typed_errors
from airflow_adbsync.engine.errors import RightMissing, StatementFailed
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.verify.both import Both
from airflow_adbsync.engine.verify.compared import Compared
from airflow_adbsync.engine.verify.portions import Key
from airflow_adbsync.engine.verify.settling import look_up, seen
from airflow_adbsync.engine.verify.tide import Tide
from airflow_adbsync.engine.verify.verdict import NOTHING, Look, Seen, is_known_here

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
# Foreign keys of other tables are triggers here, and with ON DELETE CASCADE they would remove rows there.
_FIRES = """
    SELECT c.relhasrules OR EXISTS (SELECT FROM pg_catalog.pg_trigger t
                                    WHERE t.tgrelid = c.oid AND t.tgenabled IN ('O', 'A'))
    FROM pg_catalog.pg_class c WHERE c.oid = %s::regclass
"""
_READ = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Repair:
    """Repairs rows of one table, under a lock that lets others read it."""

    def __init__(self, both: Both, tide: Tide, table: Compared) -> None:
        self._both = both
        self._tide = tide
        self._table = table

    def repair(self, names: Sequence[Key]) -> None:
        """Make these rows what the source has; rows that keep changing stay as they are.

        So do rows that don't fit, as where another row of the target has their unique value.

        Raises:
            RightMissing: the account may not write to the target's table, or triggers would fire.
        """
        endpoint = self._both.target.endpoint
        with closing(connect(endpoint, autocommit=True, **_SETTINGS)) as conn:
            with typed_errors(endpoint, f"repairing {self._table.target_name}"):
                if not quiet_triggers(conn) and self._fires(conn):
                    raise self._would_fire()
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
            try:
                done = self._bring(conn, self._both.target.endpoint, looks)
            except StatementFailed as error:
                if not isinstance(error.__cause__, psycopg.IntegrityError):
                    raise
                self._repair_halves(conn, pending, error)
                return
            pending = [name for name in pending if name not in done]
            if not pending:
                return

    def _repair_halves(self, conn: Connection, names: Sequence[Key], error: StatementFailed) -> None:
        """One row that does not fit shall not keep the others from being repaired."""
        if len(names) == 1:
            _LOG.warning("A row stays as it is: %s", error)
            return
        middle = len(names) // 2
        self._repair(conn, names[:middle])
        self._repair(conn, names[middle:])

    def _bring(self, conn: Connection, endpoint: Endpoint, before: Mapping[Key, Look]) -> set[Key]:
        """Repair those rows that are known at the place where the target stands; return their names."""
        source = self._both.source
        with (
            typed_errors(endpoint, f"repairing {self._table.target_name}"),
            conn.transaction(),
            source.session() as there,
        ):
            conn.execute(f"LOCK TABLE {self._table.target.table} IN SHARE ROW EXCLUSIVE MODE")
            target = seen(conn.execute(self._table.target.named(list(before)).encode()).fetchall())
            known, rows = self._read(there, before, target)
            self._replace(conn, known, rows)
        return set(known)

    def _fires(self, conn: Connection) -> bool:
        row = conn.execute(_FIRES, (self._table.target_name.sql,)).fetchone()
        return bool(row and row[0])

    def _would_fire(self) -> RightMissing:
        return RightMissing(
            f"{self._both.target.endpoint}: triggers, rules or foreign keys of {self._table.target_name} "
            "would act on the rows that are repaired, for the account may not set session_replication_role. "
            "Nothing of the table was repaired.",
            remedy="GRANT SET ON PARAMETER session_replication_role to it, or load the table again.",
        )

    def _read(
        self, there: Connection, before: Mapping[Key, Look], target: Mapping[Key, Seen]
    ) -> tuple[list[Key], list[bytes]]:
        """The names of the rows that are known where the target stands, and these rows."""
        with typed_errors(self._both.source.endpoint, f"reading rows of {self._table.name}"):
            there.execute(_READ)
            source = seen(there.execute(self._table.source.named(list(before)).encode()).fetchall())
            now = {name: Look(source.get(name, NOTHING), target.get(name, NOTHING)) for name in before}
            known = [name for name in before if self._is_known(before[name], now[name])]
            rows: list[bytes] = []
            if known:
                with there.cursor() as cursor, cursor.copy(self._copy_out(known)) as copy:
                    rows = [bytes(block) for block in copy]
            there.execute("COMMIT")
        return known, rows

    def _is_known(self, before: Look, now: Look) -> bool:
        has_key = bool(self._table.key_names)
        return not self._tide.replicates or is_known_here(before, now, has_key=has_key)

    def _copy_out(self, names: Sequence[Key]) -> bytes:
        return self._table.source.copy_out(self._table.brought, names).encode()

    def _replace(self, conn: Connection, names: Sequence[Key], rows: Sequence[bytes]) -> None:
        if not names:
            return
        conn.execute(self._table.target.delete(names).encode())
        table = self._table.target.table.removeprefix("ONLY ")
        into = f"COPY {table} ({', '.join(self._table.written)}) FROM STDIN"
        with conn.cursor() as cursor, cursor.copy(into.encode()) as copy:
            for block in rows:
                copy.write(block)
