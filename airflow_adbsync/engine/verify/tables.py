"""What is to be compared: the sync's tables, with columns that both sides have."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from contextlib import suppress

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import read_relations, read_relations_named
from airflow_adbsync.engine.connect import Connection, connect, typed_errors
from airflow_adbsync.engine.errors import ConfigError, RelationDrifted
from airflow_adbsync.engine.model import QualifiedName, Relation
from airflow_adbsync.engine.shape import TableShape
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify.compared import Compared, compared
from airflow_adbsync.engine.verify.statements import Hashing

_LOG = logging.getLogger(__name__)


Shaped = tuple[Relation, Relation, TableShape]


def read_tables(
    sync: Sync, wanted: Collection[QualifiedName], hashing: Hashing, segments: tuple[bool, bool]
) -> tuple[Compared, ...]:
    """Read the tables as they are compared; ``segments`` tells which side has its rows on segments.

    Raises:
        SyncUnknown, ConfigError: as `read_shaped`.
        RelationDrifted: a table is missing on one side, or a column on the target.
    """
    shaped = read_shaped(sync, wanted)
    _check_columns(shaped)
    return tuple(compared(source, target, shape, hashing, segments) for source, target, shape in shaped)


def read_shaped(sync: Sync, wanted: Collection[QualifiedName]) -> list[Shaped]:
    """Read the tables with which the sync was started, or the ``wanted`` ones of them, on both sides.

    Raises:
        SyncUnknown: it was not started.
        ConfigError: a wanted table is not one of them.
        RelationDrifted: a table is missing on one side.
    """
    shapes = sync.shapes
    with connect(sync.target) as target, typed_errors(sync.target, "reading the sync's tables"):
        state.syncs.get(target, sync.sync_id)
        names = _chosen(frozenset(state.relations.read(target, sync.sync_id)), wanted)
        there = {name: shapes.table(name) for name in names}
        counterparts = _read(target, there.values(), f"target ({sync.target})")
    with connect(sync.source) as source, typed_errors(sync.source, "reading the sync's tables"):
        relations = _read(source, names, f"source ({sync.source})")
        if not wanted:
            _mention_strangers(source, sync, names)
    return [
        (relation, counterparts[there[name]], shapes.of(relation)) for name, relation in relations.items()
    ]


def _chosen(names: frozenset[QualifiedName], wanted: Collection[QualifiedName]) -> frozenset[QualifiedName]:
    if strangers := sorted(set(wanted) - names):
        raise ConfigError(
            f"Tables to verify are not the sync's: {', '.join(map(str, strangers))}.",
            remedy="Write their names as the source has them, and only of tables that the sync carries.",
        )
    return frozenset(wanted) or names


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


def _check_columns(shaped: Iterable[Shaped]) -> None:
    missing = [
        f"{target.name}.{column.name}"
        for _, target, shape in shaped
        for column in shape.columns
        if column.name not in {known.name for known in target.columns}
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
