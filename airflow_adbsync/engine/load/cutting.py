"""Looking how a table can be cut into chunks."""

from __future__ import annotations

import logging

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import typed_errors
from airflow_adbsync.engine.load.chunks import by_key, by_pages, number_of_chunks
from airflow_adbsync.engine.load.session import Session
from airflow_adbsync.engine.model import Relation, RelationKind

_LOG = logging.getLogger(__name__)


def cut(source: Session, relation: Relation, chunk_bytes: int) -> tuple[str, ...]:
    """Return the chunks' conditions, or none where the table is to be read in one go.

    It is cut into ranges of pages where the server reads such well, else into ranges of its key; not at all
    where it is small, or where connections can't share a snapshot.
    """
    wanted = number_of_chunks(relation.bytes, chunk_bytes)
    if wanted == 1 or not source.can.shared_snapshots:
        return ()
    with typed_errors(source.endpoint, f"cutting {relation.name}"):
        if source.can.ctid_ranges and relation.kind is RelationKind.TABLE:
            return by_pages(_pages(source, relation), wanted)
        return _by_key(source, relation, wanted)


def _pages(source: Session, relation: Relation) -> int:
    row = source.conn.execute(query(__package__, "pages"), {"oid": relation.oid}).fetchone()
    return int(row[0]) if row else 0


def _by_key(source: Session, relation: Relation, wanted: int) -> tuple[str, ...]:
    column = next((column for key in relation.keys[:1] for column in key.columns[:1]), "")
    parameters = {"oid": relation.oid, "column": column}
    row = source.conn.execute(query(__package__, "quantiles"), parameters).fetchone()
    if not column or row is None or not row[0]:
        _LOG.info("%s can't be cut: it has no key, or no statistics yet (ANALYZE it).", relation.name)
        return ()
    type_ = next(each.type for each in relation.columns if each.name == column)
    return by_key(column, type_, row[0], wanted)
