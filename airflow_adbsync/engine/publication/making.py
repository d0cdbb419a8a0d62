"""Making, changing and dropping a publication."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName, Relation, quote_identifier
from airflow_adbsync.engine.publication.noun import Publication

_LOG = logging.getLogger(__name__)
_OPERATIONS = "insert, update, delete, truncate"


def create(conn: Connection, name: str, relations: Sequence[Relation], *, via_root: bool) -> None:
    """Publish exactly these tables (PostgreSQL doc: CREATE PUBLICATION)."""
    root = ", publish_via_partition_root = true" if via_root else ""
    conn.execute(
        f"CREATE PUBLICATION {quote_identifier(name)} FOR TABLE {_listed(relations)} "
        f"WITH (publish = '{_OPERATIONS}'{root})"
    )
    _LOG.info("Publication %s created for %d tables.", name, len(relations))


def align(
    conn: Connection, publication: Publication, relations: Sequence[Relation]
) -> frozenset[QualifiedName]:
    """Publish exactly these tables, where it published others; return the tables that were added.

    A change that another transaction made to an added table before this, and commits after, is not
    delivered: read the table only when all transactions that are open now have ended.
    """
    wanted = frozenset(relation.name for relation in relations)
    if wanted == publication.tables:
        return frozenset()
    conn.execute(f"ALTER PUBLICATION {quote_identifier(publication.name)} SET TABLE {_listed(relations)}")
    added, removed = wanted - publication.tables, publication.tables - wanted
    _LOG.info("Publication %s: %s", publication.name, _changes(added, removed))
    return added


def drop(conn: Connection, name: str) -> None:
    """Drop the publication, if it is there."""
    conn.execute(f"DROP PUBLICATION IF EXISTS {quote_identifier(name)}")
    _LOG.info("Publication %s dropped.", name)


def _listed(relations: Iterable[Relation]) -> str:
    return ", ".join(f"{relation.only}{relation.name.sql}" for relation in relations)


def _changes(added: frozenset[QualifiedName], removed: frozenset[QualifiedName]) -> str:
    words = (("added", added), ("removed", removed))
    return "; ".join(f"{word} {', '.join(map(str, sorted(names)))}" for word, names in words if names)
