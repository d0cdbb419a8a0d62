"""What pgoutput says, decoded (PostgreSQL doc: Logical Replication Message Formats).

Named tuples rather than dataclasses: a busy stream makes hundreds of thousands of them a second.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import NamedTuple

from airflow_adbsync.engine.model import Lsn, QualifiedName, ReplicaIdentity


class Unchanged(Enum):
    """The place of a TOASTed value that an update did not touch and that was therefore not sent."""

    UNCHANGED = "unchanged"

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED = Unchanged.UNCHANGED

# A value is its text form in UTF-8, undecoded; None is NULL.
Value = bytes | Unchanged | None
Tuple = list[Value]


class RelationColumn(NamedTuple):
    """A column as the source describes it; ``part_of_key`` means: of the replica identity."""

    name: str
    type_oid: int
    type_modifier: int
    part_of_key: bool


class RelationMessage(NamedTuple):
    """The shape of a table's tuples from here on; sent before its first change and after each ALTER."""

    oid: int
    name: QualifiedName
    replica_identity: ReplicaIdentity
    columns: tuple[RelationColumn, ...]


class TypeMessage(NamedTuple):
    """The name of a type that is not built in."""

    oid: int
    name: QualifiedName


class Begin(NamedTuple):
    """A transaction begins; it has committed on the source, or it would not be here."""

    final_lsn: Lsn
    commit_time: datetime
    xid: int


class Commit(NamedTuple):
    """A transaction ends; ``end_lsn`` is where reading goes on once it is applied."""

    commit_lsn: Lsn
    end_lsn: Lsn
    commit_time: datetime


class Insert(NamedTuple):
    """A new row."""

    relation: int
    new: Tuple


class Update(NamedTuple):
    """A changed row; ``old`` holds the old key, or under FULL the whole old row, where it was sent."""

    relation: int
    old: Tuple | None
    new: Tuple


class Delete(NamedTuple):
    """A row that is gone; ``old`` holds its key, or under FULL the whole row."""

    relation: int
    old: Tuple


class Truncate(NamedTuple):
    """Tables emptied in one statement."""

    relations: tuple[int, ...]
    cascade: bool
    restart_identity: bool


class Ignored(NamedTuple):
    """A message that changes no row: an origin, or a logical message."""

    kind: str


Message = RelationMessage | TypeMessage | Begin | Commit | Insert | Update | Delete | Truncate | Ignored
