"""A table as the load, the replication and the verification see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from airflow_adbsync.engine.model.names import QualifiedName
from airflow_adbsync.engine.model.replica_identity import ReplicaIdentity


class RelationKind(StrEnum):
    """``pg_class.relkind`` of what holds rows."""

    TABLE = "r"
    PARTITIONED = "p"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    ``type`` is the type as ``format_type`` writes it, schema-qualified where it is not in pg_catalog.
    ``binary`` tells whether the type's binary form means the same on another server: it is false for what
    carries the oids of user-defined types inside (arrays and composites of them) or has no send function.
    """

    name: str
    type: str
    not_null: bool = False
    generated: bool = False
    identity_always: bool = False
    binary: bool = True


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key or a unique index whose columns are all NOT NULL: it names one row."""

    index: str
    columns: tuple[str, ...]
    primary: bool
    immediate: bool = True


@dataclass(frozen=True, slots=True)
class Relation:
    """A table with its columns in their order, without dropped ones.

    ``keys`` holds every usable key, the primary key first. ``bytes`` and ``rows`` are estimates.
    """

    name: QualifiedName
    kind: RelationKind
    columns: tuple[Column, ...]
    keys: tuple[Key, ...] = ()
    replica_identity: ReplicaIdentity = ReplicaIdentity.DEFAULT
    identity_index: str | None = None
    bytes: int = 0
    rows: int = 0
    oid: int = field(default=0, compare=False)

    @property
    def stored_columns(self) -> tuple[Column, ...]:
        """The columns that are copied: generated ones are computed by the target itself."""
        return tuple(column for column in self.columns if not column.generated)

    @property
    def key(self) -> Key | None:
        """The key by which a row is found on the target, or None for a keyless table.

        The replica identity's own index, else, under FULL, the first key; under DEFAULT the primary key.
        """
        match self.replica_identity:
            case ReplicaIdentity.INDEX:
                return next((key for key in self.keys if key.index == self.identity_index), None)
            case ReplicaIdentity.FULL:
                return self.keys[0] if self.keys else None
            case ReplicaIdentity.DEFAULT:
                return next((key for key in self.keys if key.primary), None)
            case ReplicaIdentity.NOTHING:
                return None

    @property
    def only(self) -> str:
        """``ONLY`` where rows of inheriting tables must stay out; a partitioned table's rows are its own."""
        return "ONLY " if self.kind is RelationKind.TABLE else ""
