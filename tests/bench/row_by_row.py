"""A naive applier: one prepared statement for each change, in the transactions of the source."""

from __future__ import annotations

from collections.abc import Callable

from psycopg import sql
from psycopg.adapt import Buffer, Dumper

from airflow_adbsync.engine.connect import Connection, connect
from airflow_adbsync.engine.model import Lsn
from airflow_adbsync.engine.replication.decoder import decode
from airflow_adbsync.engine.replication.messages import (
    UNCHANGED,
    Commit,
    Delete,
    Insert,
    RelationMessage,
    Tuple,
    Update,
)
from tests.databases import Database

_READ = (
    "SELECT data FROM pg_logical_slot_get_binary_changes(%s, %s, NULL, "
    "'proto_version', '1', 'publication_names', %s)"
)


class _Text(bytes):
    """A value in its text form; the server finds the type."""


class _AsItIs(Dumper):
    def dump(self, obj: Buffer) -> Buffer:
        return obj


class RowByRow:
    """Reads a slot of its own, and applies it over one connection. Every changed row must be found."""

    def __init__(self, source: Database, target: Database, publication: str) -> None:
        self._source, self._target = source, target
        self._publication = publication
        self._relations: dict[int, RelationMessage] = {}
        self._slot = f"{target.endpoint.database}_slot"
        source.execute(f"SELECT pg_create_logical_replication_slot('{self._slot}', 'pgoutput')")

    def drop_slot(self) -> None:
        self._source.execute(f"SELECT pg_drop_replication_slot('{self._slot}')")

    def apply(self, end: Lsn) -> None:
        with self._source.connect() as there, connect(self._target.endpoint, autocommit=False) as conn:
            conn.adapters.register_dumper(_Text, _AsItIs)
            conn.prepared_max = None
            for (data,) in there.execute(_READ, (self._slot, str(end), self._publication)):
                self._take(conn, bytes(data))

    def _take(self, conn: Connection, data: bytes) -> None:
        match decode(data):
            case RelationMessage() as relation:
                self._relations[relation.oid] = relation
            case Insert(relation, new):
                self._run(conn, relation, _insert, new)
            case Update(relation, old, new):
                self._run(conn, relation, _update, new, old or new)
            case Delete(relation, old):
                self._run(conn, relation, _delete, old)
            case Commit():
                conn.commit()

    def _run(
        self, conn: Connection, oid: int, write: Callable[..., tuple[sql.Composable, Tuple]], *tuples: Tuple
    ) -> None:
        statement, values = write(self._relations[oid], *tuples)
        found = conn.execute(statement, [None if v is None else _Text(v) for v in values], prepare=True)
        assert found.rowcount == 1, f"{found.rowcount} rows of {self._relations[oid].name}"


def _insert(relation: RelationMessage, new: Tuple) -> tuple[sql.Composable, Tuple]:
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in relation.columns)
    values = sql.SQL(", ").join([sql.Placeholder()] * len(new))
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(_table(relation), names, values), new


def _update(relation: RelationMessage, new: Tuple, old: Tuple) -> tuple[sql.Composable, Tuple]:
    """The key's columns are set only where they have changed: a distribution key is dear to set."""
    sent = [
        (column.name, value)
        for column, value, before in zip(relation.columns, new, old, strict=True)
        if value is not UNCHANGED and not (column.part_of_key and value == before)
    ]
    values = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name, _ in sent)
    where, key = _where(relation, old)
    statement = sql.SQL("UPDATE {} SET {} WHERE {}").format(_table(relation), values, where)
    return statement, [*(value for _, value in sent), *key]


def _delete(relation: RelationMessage, old: Tuple) -> tuple[sql.Composable, Tuple]:
    where, key = _where(relation, old)
    return sql.SQL("DELETE FROM {} WHERE {}").format(_table(relation), where), key


def _where(relation: RelationMessage, row: Tuple) -> tuple[sql.Composable, Tuple]:
    keys = [
        (column.name, value)
        for column, value in zip(relation.columns, row, strict=True)
        if column.part_of_key
    ]
    where = sql.SQL(" AND ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name, _ in keys)
    return where, [value for _, value in keys]


def _table(relation: RelationMessage) -> sql.Identifier:
    return sql.Identifier(relation.name.schema, relation.name.name)
