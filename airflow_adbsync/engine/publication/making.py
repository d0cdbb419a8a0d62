"""Making, changing and dropping a publication."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName, Relation, RelationKind, quote_identifier
from airflow_adbsync.engine.publication.leaves import partitioned
from airflow_adbsync.engine.publication.noun import Publication

_LOG = logging.getLogger(__name__)
_OPERATIONS = "insert, update, delete, truncate"


def create(conn: Connection, name: str, relations: Sequence[Relation], *, via_root: bool) -> None:
    """Publish exactly these tables (PostgreSQL doc: CREATE PUBLICATION).

    Without ``via_root`` it is the leaves of partitioned ones that are published.
    """
    root = ", publish_via_partition_root = true" if via_root else ""
    members = _members(conn, name, relations, via_root=via_root)
    tables = f" FOR TABLE {_listed(members)}" if members else ""
    conn.execute(
        f"CREATE PUBLICATION {quote_identifier(name)}{tables} WITH (publish = '{_OPERATIONS}'{root})"
    )
    _LOG.info("Publication %s created for %d tables.", name, len(relations))


def align(
    conn: Connection, publication: Publication, relations: Sequence[Relation]
) -> frozenset[QualifiedName]:
    """Publish exactly these tables, where it published others; return the tables that were added.

    A change that another transaction made to an added table before this, and commits after, is not
    delivered: read the table only when all transactions that are open now have ended.
    """
    members = _members(conn, publication.name, relations, via_root=publication.via_root)
    if members.keys() == publication.tables:
        return frozenset()
    added, removed = frozenset(members) - publication.tables, publication.tables - frozenset(members)
    change = f"SET TABLE {_listed(members)}" if members else f"DROP TABLE {_named(removed)}"
    conn.execute(f"ALTER PUBLICATION {quote_identifier(publication.name)} {change}")
    _LOG.info("Publication %s: %s", publication.name, _changes(added, removed))
    return added


def drop(conn: Connection, name: str) -> None:
    """Drop the publication, if it is there."""
    conn.execute(f"DROP PUBLICATION IF EXISTS {quote_identifier(name)}")
    _LOG.info("Publication %s dropped.", name)


def _members(
    conn: Connection, name: str, relations: Sequence[Relation], *, via_root: bool
) -> Mapping[QualifiedName, str]:
    """What the publication is to name, and whether it is ONLY that."""
    whole = [each for each in relations if via_root or each.kind is RelationKind.TABLE]
    split = [each.name for each in relations if not via_root and each.kind is RelationKind.PARTITIONED]
    found = {relation.name: relation.only for relation in whole}
    if split:
        found |= {leaf.name: "ONLY " for table in partitioned(conn, name, split) for leaf in table.leaves}
    return found


def _listed(members: Mapping[QualifiedName, str]) -> str:
    return ", ".join(f"{only}{name.sql}" for name, only in members.items())


def _named(names: Iterable[QualifiedName]) -> str:
    return ", ".join(name.sql for name in sorted(names))


def _changes(added: frozenset[QualifiedName], removed: frozenset[QualifiedName]) -> str:
    words = (("added", added), ("removed", removed))
    return "; ".join(f"{word} {', '.join(map(str, sorted(names)))}" for word, names in words if names)
