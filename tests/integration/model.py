"""Any transactions on a source, and what of them reaches a target, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Self

import psycopg
from hypothesis import strategies as st

from airflow_adbsync.engine.catalog import read_server
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication.batch import Assembler, Limits
from airflow_adbsync.engine.replication.folding import NewChanges
from airflow_adbsync.engine.replication.resume import check_resumable
from airflow_adbsync.engine.replication.target_session import TargetSession
from tests.databases import Database
from tests.integration.replicated import running_sync

_ROWS_OF = (
    "CREATE TABLE {0} (id {1}, note text, code int{2}); ALTER TABLE {0} ALTER note SET STORAGE EXTERNAL"
)
_MADE_OF = {
    "keyed": ("int PRIMARY KEY", " UNIQUE DEFERRABLE"),
    "strictly": ("int PRIMARY KEY", " UNIQUE"),
    "whole": ("int PRIMARY KEY", ""),
    "keyless": ("int", ""),
    "loose": ("float8", ", n numeric DEFAULT 1.0"),
    "large": ("int PRIMARY KEY", ", big text NOT NULL DEFAULT repeat('b', 3000)"),
    "large_whole": ("int PRIMARY KEY", " UNIQUE, big text DEFAULT repeat('b', 3000)"),
    "numbers": ("numeric PRIMARY KEY", ""),
    "floats": ("float8 PRIMARY KEY", ""),
    "whole_floats": ("float8 PRIMARY KEY", " UNIQUE"),
    "padded": ("char(4) PRIMARY KEY", " UNIQUE"),
    "pairs": ("int", " NOT NULL, m int GENERATED ALWAYS AS (code % 3) STORED, PRIMARY KEY (code, id)"),
    "with_nulls": ("int PRIMARY KEY", ", n int, UNIQUE (n, code)"),
    "exclusive": ("int PRIMARY KEY", ", EXCLUDE (code WITH =)"),
    "permuted": ("int PRIMARY KEY DEFERRABLE", ""),
}
TABLES = (
    ";".join([_ROWS_OF.format(name, *said) for name, said in _MADE_OF.items()])
    + """;
    CREATE TABLE parts (id int PRIMARY KEY, note text, code int) PARTITION BY RANGE (id);
    CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (3);
    CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (3) TO (9);
    CREATE TABLE sometimes (id int PRIMARY KEY, note text, code int);
    CREATE UNIQUE INDEX ON sometimes (code) WHERE note IS NOT NULL;
    CREATE UNIQUE INDEX ON sometimes ((code % 5)) WHERE note LIKE 'n%';
    ALTER TABLE large ALTER COLUMN big SET STORAGE EXTERNAL;
    ALTER TABLE large_whole ALTER COLUMN big SET STORAGE EXTERNAL, REPLICA IDENTITY FULL;
    ALTER TABLE whole REPLICA IDENTITY FULL;
    ALTER TABLE whole_floats REPLICA IDENTITY FULL;
    ALTER TABLE permuted REPLICA IDENTITY FULL;
"""
)
NAMES = (*_MADE_OF, "parts", "sometimes")
_FLOATS = ("0", "'-0'", "1.5", "'NaN'", "2.5", "'-0'", "'Infinity'", "'NaN'")
# What stands for the keys 0 to 7, where they are no whole numbers: some are one key, written differently.
_KEYS = {
    "numbers": ("0", "1.0", "1.00", "2", "2.000", "'NaN'", "'-0.0'", "1e3"),
    "floats": _FLOATS,
    "whole_floats": _FLOATS,
    "loose": _FLOATS,
    "padded": ("''", "'a'", "'a  '", "'b'", "'B'", "'ab'", "' a'", "'b '"),
}
_ids = st.integers(0, 7)


def _key(table: str, id_: int) -> str:
    return _KEYS[table][id_] if table in _KEYS else str(id_)


def _insert(table: str, id_: int, code: int) -> str:
    return f"INSERT INTO {table} (id, note, code) VALUES ({_key(table, id_)}, 'new', {code})"


def _update(table: str, id_: int, code: int) -> str:
    return f"UPDATE {table} SET note = note || {code}, code = {code} WHERE id = {_key(table, id_)}"


def _fatten(table: str, id_: int, code: int) -> str:
    """Its value is stored out of line by now, and left out of later changes."""
    return f"UPDATE {table} SET note = repeat('{code}', 2500) WHERE id >= {_key(table, id_)}"


def _recode(table: str, _id: int, code: int) -> str:
    return f"UPDATE {table} SET code = ({code} - code) WHERE code < {code}"


def _move(table: str, id_: int, code: int) -> str:
    return f"UPDATE {table} SET id = {_key(table, code)} WHERE id = {_key(table, id_)}"


def _swap(table: str, id_: int, code: int) -> str:
    return (
        f"UPDATE {table} SET code = {id_ + code} - code WHERE code IN ({id_}, {code}); "
        f"UPDATE {table} SET note = NULL WHERE id = {_key(table, id_)}"
    )


def _trade(table: str, id_: int, code: int) -> str:
    """Two rows trade places under a unique key, one after the other."""
    return (
        f"UPDATE {table} SET code = -1 WHERE code = {id_};"
        f"UPDATE {table} SET code = {id_} WHERE code = {code};"
        f"UPDATE {table} SET code = {code} WHERE code = -1"
    )


def _rotate(table: str, id_: int, code: int) -> str:
    """In one statement; where the key's check waits, one row is on another's key meanwhile."""
    if table in _KEYS:
        return _move(table, code, id_)
    return f"UPDATE {table} SET id = (id + 1) % 8 WHERE id >= {min(id_, code)}"


def _take_over(table: str, id_: int, code: int) -> str:
    """A row comes to the place of one that has gone."""
    return f"{_delete(table, id_, code)}; {_move(table, code, id_)}"


def _delete(table: str, id_: int, _code: int) -> str:
    return f"DELETE FROM {table} WHERE id = {_key(table, id_)}"


def _delete_one(table: str, id_: int, _code: int) -> str:
    """One of several that look alike."""
    one = f"SELECT tableoid, ctid FROM {table} WHERE id = {_key(table, id_)} ORDER BY 1, 2 LIMIT 1"
    return f"DELETE FROM {table} WHERE (tableoid, ctid) = ({one})"


def _update_one(table: str, id_: int, code: int) -> str:
    one = f"SELECT tableoid, ctid FROM {table} WHERE id = {_key(table, id_)} ORDER BY 1, 2 DESC LIMIT 1"
    return f"UPDATE {table} SET code = {code} WHERE (tableoid, ctid) = ({one})"


def _double(table: str, id_: int, _code: int) -> str:
    copied = f"SELECT id, note, code FROM {table} WHERE id <= {_key(table, id_)}"
    return f"INSERT INTO {table} (id, note, code) {copied}"


def _replace(table: str, id_: int, code: int) -> str:
    return f"{_delete(table, id_, code)}; {_insert(table, id_, code)}"


def _truncate(table: str, _id: int, _code: int) -> str:
    return f"TRUNCATE {table}"


_KINDS: tuple[Callable[[str, int, int], str], ...] = (
    *(_take_over, _move, _move, _insert, _insert, _update, _update, _swap, _trade, _fatten, _recode),
    *(_rotate, _delete, _delete_one, _update_one, _double, _replace, _truncate),
)
# A statement that meets one of these leaves nothing behind.
_REFUSALS = (psycopg.errors.IntegrityError, psycopg.errors.ProgramLimitExceeded)


@dataclass(frozen=True)
class Step:
    """Statements in a subtransaction, which is rolled back if one fails, or if it is to be ``undone``."""

    text: str
    undone: bool


@dataclass(frozen=True)
class Transaction:
    """``undone`` rolls all of it back."""

    steps: tuple[Step, ...]
    undone: bool


@dataclass(frozen=True)
class Script:
    """What is run on a few tables."""

    tables: tuple[str, ...]
    transactions: tuple[Transaction, ...]

    @property
    def start(self) -> str:
        """The same rows before each run."""
        rows = ((name, _key(name, n), n) for name in self.tables for n in (0, 2, 4, 7))
        inserts = [
            f"INSERT INTO {name} (id, note, code) VALUES ({key}, 'start', {n})" for name, key, n in rows
        ]
        return ";".join([f"TRUNCATE {', '.join(self.tables)}", *inserts])

    @property
    def state(self) -> str:
        """A query for what the tables hold."""
        return " UNION ALL ".join(
            f"SELECT '{name}', string_agg(t::text, ';' ORDER BY t::text) FROM {name} AS t"
            for name in self.tables
        )


_seldom = st.sampled_from((False, False, False, False, True))


def _script(tables: list[str]) -> st.SearchStrategy[Script]:
    statements = st.builds(
        lambda kind, *rest: kind(*rest), st.sampled_from(_KINDS), st.sampled_from(tables), _ids, _ids
    )
    many = st.lists(st.builds(Step, statements, _seldom), min_size=5, max_size=14).map(tuple)
    transactions = st.lists(st.builds(Transaction, many, _seldom), min_size=2, max_size=5).map(tuple)
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
        self._known = check_resumable(
            self._sync, self._session.progress.lsn, source=self._source, target=self._session.conn
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def run(self, script: Script) -> dict[bool, list[bytes]]:
        """Run them from the same start each time; return what the slot's plugin says of it.

        Once in text form, and, where the source can, once in binary form.
        """
        self._source.execute(script.start)
        for transaction in script.transactions:
            with self._source.transaction(force_rollback=transaction.undone):
                for step in transaction.steps:
                    with suppress(*_REFUSALS), self._source.transaction(force_rollback=step.undone):
                        self._source.execute(step.text)
        can = capabilities(read_server(self._source)).binary_tuples
        found = {True: self._read("peek", ", 'binary', 'true'")} if can else {}
        return {**found, False: self._read("get", "")}

    def _read(self, way: str, options: str) -> list[bytes]:
        name = self._sync.slot_name
        rows = self._source.execute(
            f"SELECT data FROM pg_logical_slot_{way}_binary_changes(%s, NULL, NULL, "
            f"'proto_version', '1', 'publication_names', %s{options})",
            (name, name),
        ).fetchall()
        return [bytes(data) for (data,) in rows]

    def apply(self, stream: Sequence[bytes], most: int, new: NewChanges, *, binary: bool) -> None:
        """Apply the start by itself, so that the rest meets rows, then that in parts of so many changes."""
        limits = Limits(most, 1 << 30, 3600)
        names, leaves = self._known.names, self._known.leaves.root_of
        assembler = Assembler(
            self._session.sought, names, Lsn(0), limits, Lsn(0), new=new, binary=binary, leaves=leaves
        )
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
