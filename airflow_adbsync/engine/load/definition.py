"""A table as either side defines it, and whether the one still fits the other."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg.pq import ExecStatus

from airflow_adbsync.engine.catalog import query, read_relations_named
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.errors import ConfigError, RelationDrifted, TransientServerError
from airflow_adbsync.engine.load import statements
from airflow_adbsync.engine.load.columns import Carried, carried, differences
from airflow_adbsync.engine.load.session import Pair, Session
from airflow_adbsync.engine.model import QualifiedName, Relation
from airflow_adbsync.engine.shape import Shapes, TableShape

# Reading the catalog costs about the same for one table as for many.
_AHEAD = 250
_GONE: tuple[str, Mapping[str, int]] = ("", {})


@dataclass(frozen=True, slots=True)
class Both:
    """A table as either side defines it, and what is read for each column of the target.

    ``fingerprint`` changes with the source's definition, and when the table is rewritten there; ``numbers``
    are those of its columns there (pg_attribute.attnum).
    """

    source: Relation
    target: Relation
    shape: TableShape
    columns: tuple[Carried, ...]
    fingerprint: str
    numbers: Mapping[str, int]

    @property
    def filters(self) -> tuple[str, ...]:
        """The conditions of the configuration; a line break ends a comment in which one may end."""
        return (f"(\n{self.shape.where}\n)",) if self.shape.where else ()

    @property
    def read_as(self) -> str:
        """A text that changes with whatever changes the rows that are read for the target."""
        read = repr((self.columns, self.shape.where)).encode()
        return f"{self.fingerprint}/{hashlib.sha256(read).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class _Found:
    source: Relation
    target: Relation
    fingerprint: str
    numbers: Mapping[str, int]


class Definitions:
    """The definitions of a bin's tables, read many at a time; each is handed out once, then read anew."""

    def __init__(self, names: Iterable[QualifiedName], shapes: Shapes) -> None:
        self._ahead = list(names)
        self._shapes = shapes
        self._found: dict[QualifiedName, _Found] = {}
        self._lock = threading.Lock()

    def take(self, pair: Pair, name: QualifiedName) -> Both:
        """Return the table's definitions.

        Raises:
            RelationDrifted: the target's table isn't there, or doesn't fit the source's.
            ConfigError: the configuration names a column that isn't there.
        """
        with self._lock:
            if name not in self._found and name in self._ahead:
                self._read_ahead(pair, name)
            known = self._found.pop(name, None)
        found = known or self._read(pair, name)
        shape = self._shapes.of(found.source)
        rename = self._shapes.object
        if unlike := differences(found.source, found.target, shape, rename):
            raise RelationDrifted(
                f"{found.target.name} on the target ({pair.target.endpoint}) doesn't fit the source's table "
                f"{name}: {'; '.join(unlike)}.",
                remedy="Give the target's table the columns that it should have, or drop it and run the "
                "schema phase again.",
            )
        columns = carried(found.source, found.target, shape, rename)
        both = Both(found.source, found.target, shape, columns, found.fingerprint, found.numbers)
        if not shape.is_plain:
            _refuse_unclear(pair.source, both)
        return both

    def _read_ahead(self, pair: Pair, name: QualifiedName) -> None:
        start = self._ahead.index(name)
        names, self._ahead[start : start + _AHEAD] = self._ahead[start : start + _AHEAD], []
        try:
            with pair.source.transaction(), typed_errors(pair.source.endpoint, "reading definitions"):
                sources = read_relations_named(pair.source.conn, names)
                fingerprints = _fingerprints(pair.source, sources)
            with typed_errors(pair.target.endpoint, "reading definitions"):
                wanted = {self._shapes.table(each) for each in names}
                targets = {found.name: found for found in read_relations_named(pair.target.conn, wanted)}
        except ConfigError:
            # One is missing: each says so for itself.
            if pair.source.conn.info.transaction_status:
                pair.source.conn.execute("ROLLBACK")
            return
        for source in sources:
            target = targets[self._shapes.table(source.name)]
            self._found[source.name] = _Found(source, target, *fingerprints[source.oid])

    def _read(self, pair: Pair, name: QualifiedName) -> _Found:
        with pair.source.transaction():
            source = _read(pair.source, name, "source")
            with typed_errors(pair.source.endpoint, f"reading the definition of {name}"):
                fingerprint = _fingerprints(pair.source, [source]).get(source.oid, _GONE)
        return _Found(source, _read(pair.target, self._shapes.table(name), "target"), *fingerprint)


def _refuse_unclear(source: Session, both: Both) -> None:
    """Have the server parse the configuration's expressions before anything is changed on the target.

    Parse takes one statement only (PostgreSQL doc: Message Flow, Extended Query).

    Raises:
        StatementFailed: it doesn't understand them.
    """
    read = statements.read(both.source, [each.expression for each in both.columns], both.filters)
    with typed_errors(source.endpoint, f"reading {both.source.name}"), source.transaction():
        source.use_own_search_path()
        result = source.conn.pgconn.prepare(b"", read.encode())
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result)


def refuse_change(source: Session, both: Both) -> None:
    """Return if the source's table, locked by now, is still as it was read.

    Raises:
        TransientServerError: it was changed or rewritten.
    """
    if _fingerprints(source, [both.source]).get(both.source.oid, _GONE)[0] != both.fingerprint:
        raise TransientServerError(
            f"The definition of {both.source.name} was changed on the source while its load began.",
            remedy="Nothing: it is compared and loaded again.",
        )


def _fingerprints(source: Session, relations: Sequence[Relation]) -> dict[int, tuple[str, Mapping[str, int]]]:
    oids = [relation.oid for relation in relations]
    rows = source.conn.execute(query(__package__, "fingerprints"), {"oids": oids}).fetchall()
    return {oid: (fingerprint, numbers) for oid, fingerprint, numbers in rows}


def _read(session: Session, name: QualifiedName, side: str) -> Relation:
    with typed_errors(session.endpoint, f"reading the definition of {name}"):
        try:
            return read_relations_named(session.conn, [name])[0]
        except ConfigError as error:
            raise RelationDrifted(
                f"There is no table {name} on the {side} ({session.endpoint}).",
                remedy="Run the schema phase."
                if side == "target"
                else "Take it out of the sync: release, change `objects`, and start anew.",
            ) from error
