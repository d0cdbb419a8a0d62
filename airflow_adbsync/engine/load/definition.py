"""A table as either side defines it, and whether the one still fits the other."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.catalog import query, read_relations_named
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.errors import ConfigError, RelationDrifted, TransientServerError
from airflow_adbsync.engine.load.columns import differences
from airflow_adbsync.engine.load.session import Pair, Session
from airflow_adbsync.engine.model import QualifiedName, Relation

# Reading the catalog costs about the same for one table as for many.
_AHEAD = 250


@dataclass(frozen=True, slots=True)
class Both:
    """A table as either side defines it.

    ``read_as`` changes with the source's definition, and when the table is rewritten there.
    """

    source: Relation
    target: Relation
    read_as: str


class Definitions:
    """The definitions of a bin's tables, read many at a time; each is handed out once, then read anew."""

    def __init__(self, names: Iterable[QualifiedName]) -> None:
        self._ahead = list(names)
        self._read: dict[QualifiedName, Both] = {}
        self._lock = threading.Lock()

    def take(self, pair: Pair, name: QualifiedName) -> Both:
        """Return the table's definitions.

        Raises:
            RelationDrifted: the target's table isn't there, or doesn't fit the source's.
        """
        with self._lock:
            if name not in self._read and name in self._ahead:
                self._read_ahead(pair, name)
            found = self._read.pop(name, None)
        both = found or _read_both(pair, name)
        refuse_differences(pair, both)
        return both

    def _read_ahead(self, pair: Pair, name: QualifiedName) -> None:
        start = self._ahead.index(name)
        names, self._ahead[start : start + _AHEAD] = self._ahead[start : start + _AHEAD], []
        try:
            with pair.source.transaction(), typed_errors(pair.source.endpoint, "reading definitions"):
                sources = read_relations_named(pair.source.conn, names)
                read_as = _fingerprints(pair.source, sources)
            with typed_errors(pair.target.endpoint, "reading definitions"):
                targets = read_relations_named(pair.target.conn, names)
        except ConfigError:
            # One is missing: each says so for itself.
            if pair.source.conn.info.transaction_status:
                pair.source.conn.execute("ROLLBACK")
            return
        for source, target in zip(sources, targets, strict=True):
            self._read[source.name] = Both(source, target, read_as[source.oid])


def refuse_differences(pair: Pair, both: Both) -> None:
    """Return if the target's table fits the source's.

    Raises:
        RelationDrifted: it doesn't.
    """
    if found := differences(both.source, both.target):
        raise RelationDrifted(
            f"{both.source.name} on the target ({pair.target.endpoint}) doesn't fit the source's: "
            f"{'; '.join(found)}.",
            remedy="Give the target's table the source's columns, or drop it and run the schema phase again.",
        )


def refuse_change(source: Session, both: Both) -> None:
    """Return if the source's table, locked by now, is still as it was read.

    Raises:
        TransientServerError: it was changed or rewritten.
    """
    if _fingerprints(source, [both.source]).get(both.source.oid) != both.read_as:
        raise TransientServerError(
            f"The definition of {both.source.name} was changed on the source while its load began.",
            remedy="Nothing: it is compared and loaded again.",
        )


def _read_both(pair: Pair, name: QualifiedName) -> Both:
    with pair.source.transaction():
        source = _read(pair.source, name, "source")
        with typed_errors(pair.source.endpoint, f"reading the definition of {name}"):
            read_as = _fingerprints(pair.source, [source]).get(source.oid, "")
    return Both(source, _read(pair.target, name, "target"), read_as)


def _fingerprints(source: Session, relations: Sequence[Relation]) -> dict[int, str]:
    oids = [relation.oid for relation in relations]
    return dict(source.conn.execute(query(__package__, "fingerprints"), {"oids": oids}).fetchall())


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
