"""Any transactions on a source, and what of them reaches a target, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Self

import psycopg
from hypothesis import strategies as st

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication.batch import Assembler, Limits
from airflow_adbsync.engine.replication.folding import NewChanges
from airflow_adbsync.engine.replication.target_session import TargetSession
from tests.databases import Database
from tests.integration.replicated import running_sync

TABLES = """
    CREATE TABLE keyed (id int PRIMARY KEY, note text, code int UNIQUE DEFERRABLE);
    CREATE TABLE strictly (id int PRIMARY KEY, note text, code int UNIQUE);
    CREATE TABLE whole (id int PRIMARY KEY, note text, code int);
    CREATE TABLE keyless (id int, note text, code int);
    CREATE TABLE large (id int PRIMARY KEY, note text, code int, big text NOT NULL DEFAULT repeat('b', 3000));
    CREATE TABLE parts (id int PRIMARY KEY, note text, code int) PARTITION BY RANGE (id);
    CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (3);
    CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (3) TO (9);
    ALTER TABLE large ALTER COLUMN big SET STORAGE EXTERNAL;
    ALTER TABLE whole REPLICA IDENTITY FULL;
"""
NAMES = ("keyed", "strictly", "whole", "keyless", "large", "parts")
_ids = st.integers(0, 7)


def _insert(table: str, id_: int, code: int) -> str:
    return f"INSERT INTO {table} (id, note, code) VALUES ({id_}, 'new', {code})"


def _update(table: str, id_: int, code: int) -> str:
    return f"UPDATE {table} SET note = note || {code}, code = {code} WHERE id = {id_}"


def _move(table: str, id_: int, code: int) -> str:
    return f"UPDATE {table} SET id = {code} WHERE id = {id_}"


def _swap(table: str, id_: int, code: int) -> str:
    return (
        f"UPDATE {table} SET code = {id_ + code} - code WHERE code IN ({id_}, {code}); "
        f"UPDATE {table} SET note = NULL WHERE id = {id_}"
    )


def _trade(table: str, id_: int, code: int) -> str:
    """Two rows trade places under a unique key, one after the other."""
    return (
        f"UPDATE {table} SET code = -1 WHERE code = {id_};"
        f"UPDATE {table} SET code = {id_} WHERE code = {code};"
        f"UPDATE {table} SET code = {code} WHERE code = -1"
    )


def _rotate(table: str, id_: int, code: int) -> str:
    return f"UPDATE {table} SET id = (id + 1) % 8 WHERE id >= {min(id_, code)}"


def _take_over(table: str, id_: int, code: int) -> str:
    """A row comes to the place of one that has gone."""
    return f"DELETE FROM {table} WHERE id = {id_}; UPDATE {table} SET id = {id_} WHERE id = {code}"


def _delete(table: str, id_: int, _code: int) -> str:
    return f"DELETE FROM {table} WHERE id = {id_}"


def _replace(table: str, id_: int, code: int) -> str:
    return f"{_delete(table, id_, code)}; {_insert(table, id_, code)}"


def _truncate(table: str, _id: int, _code: int) -> str:
    return f"TRUNCATE {table}"


_KINDS: tuple[Callable[[str, int, int], str], ...] = (
    *(_take_over, _move, _move, _insert, _insert, _update, _update, _swap, _trade),
    *(_rotate, _delete, _replace, _truncate),
)


@dataclass(frozen=True)
class Transaction:
    """Statements, of which those that fail are rolled back alone; ``undone`` rolls all of them back."""

    statements: tuple[str, ...]
    undone: bool


@dataclass(frozen=True)
class Script:
    """What is run on a few tables."""

    tables: tuple[str, ...]
    transactions: tuple[Transaction, ...]

    @property
    def start(self) -> str:
        """The same rows before each run."""
        rows = "SELECT n, 'start', n FROM generate_series(0, 6, 2) n"
        inserts = [f"INSERT INTO {name} (id, note, code) {rows}" for name in self.tables]
        return ";".join([f"TRUNCATE {', '.join(self.tables)}", *inserts])

    @property
    def state(self) -> str:
        """A query for what the tables hold."""
        return " UNION ALL ".join(
            f"SELECT '{name}', string_agg(t::text, ';' ORDER BY t::text) FROM {name} AS t"
            for name in self.tables
        )


def _script(tables: list[str]) -> st.SearchStrategy[Script]:
    statements = st.builds(
        lambda kind, *rest: kind(*rest), st.sampled_from(_KINDS), st.sampled_from(tables), _ids, _ids
    )
    many = st.lists(statements, min_size=5, max_size=14).map(tuple)
    undone = st.sampled_from((False, False, False, False, True))
    transactions = st.lists(st.builds(Transaction, many, undone), min_size=2, max_size=5).map(tuple)
    return st.builds(Script, st.just(tuple(tables)), transactions)


# Few tables and few keys, so that changes meet each other.
scripts = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True).flatmap(_script)


class Model:
    """A source that runs transactions, and a target to which each run's stream can be applied many times."""

    def __init__(self, source: Database, target: Database) -> None:
        self._open = ExitStack()
        self._sync = running_sync(source, target, TABLES)
        self._source: Connection = self._open.enter_context(source.connect())
        self._target: Connection = self._open.enter_context(target.connect())
        self._session = self._open.enter_context(TargetSession(self._sync, patience=5))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def run(self, script: Script) -> list[bytes]:
        """Run them from the same start each time; return what the slot's plugin says of it."""
        self._source.execute(script.start)
        for transaction in script.transactions:
            with self._source.transaction(force_rollback=transaction.undone):
                for statement in transaction.statements:
                    with suppress(psycopg.errors.IntegrityError), self._source.transaction():
                        self._source.execute(statement)
        name = self._sync.slot_name
        rows = self._source.execute(
            "SELECT data FROM pg_logical_slot_get_binary_changes(%s, NULL, NULL, "
            "'proto_version', '1', 'publication_names', %s)",
            (name, name),
        ).fetchall()
        return [bytes(data) for (data,) in rows]

    def apply(self, stream: Sequence[bytes], most: int, new: NewChanges) -> None:
        """Apply the start by itself, so that the rest meets rows, then that in parts of so many changes."""
        limits = Limits(most, 1 << 30, 3600)
        assembler = Assembler(self._session.sought, {}, Lsn(0), limits, Lsn(0), new=new)
        begun = False
        for message in stream:
            if part := assembler.feed(message):
                self._session.apply(part)
            if message[:1] == b"C" and not begun and (part := assembler.take()):
                self._session.apply(part)
                begun = True
        if part := assembler.take():
            self._session.apply(part)
        assert assembler.at_rest

    def states(self, script: Script) -> tuple[dict[str, str | None], dict[str, str | None]]:
        """What the source holds of the script's tables, and what the target does."""
        there, here = (dict(side.execute(script.state).fetchall()) for side in (self._source, self._target))
        return there, here
