"""A table on the target, and whether the source's tuples still fit it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from airflow_adbsync.engine.errors import ColumnsAdded, RelationDrifted
from airflow_adbsync.engine.model import Distribution, QualifiedName, Relation
from airflow_adbsync.engine.replication.messages import RelationColumn, RelationMessage
from airflow_adbsync.engine.replication.reshaping import staged_columns
from airflow_adbsync.engine.replication.staging import StagedColumn, Staging
from airflow_adbsync.engine.shape import SentShape

# Types with lower oids have them everywhere; of all others pgoutput says the name (FirstGenbkiObjectId).
FIRST_NAMED_OID = 10_000
# bool, bytea, the integers, oid, date, timestamps, uuid (PostgreSQL: pg_type.dat).
_ALIKE = frozenset({16, 17, 20, 21, 23, 26, 1082, 1114, 1184, 2950})
_SAME_CHANGE = (
    "Make the same change on the target, then start incremental again: the slot keeps the WAL. "
    "`incremental: {ddl: add_columns}` carries new columns by itself."
)


@dataclass(frozen=True, slots=True)
class TargetColumn:
    """A column of the target; ``base_type`` is set where its type is a domain."""

    name: str
    type: str
    base_oid: int
    modifier: int
    base_type: str | None
    settable: bool


@dataclass(frozen=True, slots=True)
class TargetTable:
    """A table on the target with its stored columns; ``distribution`` where the server spreads rows."""

    relation: Relation
    columns: tuple[TargetColumn, ...]
    distribution: Distribution | None = None

    def staging(
        self,
        message: RelationMessage,
        key: tuple[int, ...],
        stage: str,
        user_types: Mapping[int, int | None],
        shape: SentShape,
        *,
        lately: Collection[str] = (),
    ) -> Staging:
        """Lay out the staging table for tuples of this shape.

        ``user_types`` leads from the source's oids of types that are not built in to the target's. ``lately``
        are columns that the target has been given for what comes later in the stream.

        Raises:
            RelationDrifted: the source's columns are no longer the target's.
        """
        staged = staged_columns(shape)
        here = {column.name: column for column in self.columns}
        there = {column.name for column in staged}
        lacking = set(here) - there - set(lately)
        added = tuple(column.source for column in staged if column.source and column.name not in here)
        if added and not lacking:
            raise ColumnsAdded.to(str(message.name), added, remedy=_SAME_CHANGE)
        if lacking or added:
            raise _drifted(message.name, _difference(there - set(here), lacking))
        for sent, column in zip(message.columns, shape.columns, strict=True):
            if column is not None and column.is_plain:
                self._check_type(message.name, sent, here[column.name], user_types)
        # A row with a new distribution key moves to another segment: it is removed and put in anew.
        bound = set(self.distribution.columns) if self.distribution else set()
        columns = tuple(
            StagedColumn(
                name,
                here[name].base_type,
                here[name].settable and name not in bound,
                here[name].base_oid in _ALIKE,
            )
            for name in (column.name for column in staged)
        )
        places = self._key(key, shape)
        return Staging(stage, self.relation.name, self.relation.only, columns, places, self.distribution)

    def _key(self, key: tuple[int, ...], shape: SentShape) -> tuple[int, ...]:
        """The key's places among the staged columns, with the extra columns that the target's keys have."""
        if not key:
            return ()
        staged = staged_columns(shape)
        in_keys = {name for each in self.relation.keys for name in each.columns}
        own = [place for place, column in enumerate(staged) if column.source is None]
        sent = [column for place in key if (column := shape.columns[place]) is not None]
        return (
            *(staged.index(column) for column in sent),
            *(place for place in own if staged[place].name in in_keys),
        )

    def _check_type(
        self,
        table: QualifiedName,
        column: RelationColumn,
        here: TargetColumn,
        user_types: Mapping[int, int | None],
    ) -> None:
        built_in = column.type_oid < FIRST_NAMED_OID
        oid = column.type_oid if built_in else user_types.get(column.type_oid)
        # A domain's own modifier is not on the wire.
        same_modifier = column.type_modifier == here.modifier or here.base_type is not None
        if oid != here.base_oid or not same_modifier:
            raise _drifted(
                table, f"column {column.name!r} has another type there than here, where it is {here.type}"
            )


def _difference(added: set[str], gone: set[str]) -> str:
    said = []
    if added:
        said.append(f"it has columns there that it lacks here: {', '.join(sorted(added))}")
    if gone:
        said.append(f"it lacks columns there that it has here: {', '.join(sorted(gone))}")
    return "; ".join(said)


def _drifted(table: QualifiedName, how: str) -> RelationDrifted:
    return RelationDrifted(
        f"Table {table} changed on the source: {how}. Nothing after the change was applied.",
        remedy=_SAME_CHANGE,
    )
