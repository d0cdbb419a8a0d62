"""What is to be compared: the sync's tables, with columns that both sides have."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import read_relations, read_relations_named
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import ConfigError, RelationDrifted
from airflow_adbsync.engine.model import QualifiedName, Relation
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)


def read_tables(sync: Sync) -> tuple[Relation, ...]:
    """Read the tables with which the sync was started, as the source defines them.

    Raises:
        SyncUnknown: it was not started.
        RelationDrifted: a table is missing on one side, or a column on the target.
    """
    with connect(sync.target) as target, typed_errors(sync.target, "reading the sync's tables"):
        state.syncs.get(target, sync.sync_id)
        names = frozenset(state.relations.read(target, sync.sync_id))
        counterparts = _read(target, names, f"target ({sync.target})")
    with connect(sync.source) as source, typed_errors(sync.source, "reading the sync's tables"):
        relations = _read(source, names, f"source ({sync.source})")
        _mention_strangers(source, sync, names)
    _check_columns(relations.values(), counterparts)
    return tuple(relations.values())


def _read(conn: Connection, names: Collection[QualifiedName], where: str) -> dict[QualifiedName, Relation]:
    try:
        return {relation.name: relation for relation in read_relations_named(conn, names)}
    except ConfigError as error:
        missing = ", ".join(str(name) for name in sorted(names) if not _is_there(conn, name))
        raise RelationDrifted(
            f"Tables of the sync are not on the {where}: {missing}.",
            remedy="On the target, run the schema phase and the load; on the source, put the table back, or "
            "release the sync and start it without.",
        ) from error


def _is_there(conn: Connection, name: QualifiedName) -> bool:
    with suppress(ConfigError):
        return bool(read_relations_named(conn, [name]))
    return False


def _check_columns(relations: Iterable[Relation], counterparts: Mapping[QualifiedName, Relation]) -> None:
    missing = [
        f"{relation.name}.{column.name}"
        for relation in relations
        for column in relation.columns
        if column.name not in {known.name for known in counterparts[relation.name].columns}
    ]
    if missing:
        raise RelationDrifted(
            f"Columns of the source are not on the target: {', '.join(missing)}.",
            remedy="Add them to the target's tables and load these again.",
        )


def _mention_strangers(source: Connection, sync: Sync, names: Collection[QualifiedName]) -> None:
    """Tables made on the source since the start are not carried; whoever verifies should know."""
    with suppress(ConfigError):
        selected = {relation.name for relation in read_relations(source, sync.config.objects)}
        if strangers := sorted(selected - set(names)):
            _LOG.warning(
                "Tables that the sync does not carry, for they were not there when it was started: %s.",
                ", ".join(map(str, strangers)),
            )
