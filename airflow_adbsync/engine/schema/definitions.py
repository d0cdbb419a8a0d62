"""The source's objects as their definitions: what the catalog says, ready to be written as DDL.

Expressions, types and collations are the server's own text, fully qualified and quoted by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.identity import ObjectId
from airflow_adbsync.engine.schema.kind import Kind


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column, or a field of a composite type; ``generated`` and ``identity`` as in pg_attribute.

    ``local`` is false for a column that is there only because a parent has it. ``not_null_constraint`` is
    NOT NULL with its name and NO INHERIT, ``not_null_local`` that the table itself says it (both since 18).
    ``settings`` are actions of ALTER TABLE ... ALTER COLUMN, ``compression`` is another. ``extra`` is the
    target's name of a column that the source has not.
    """

    name: str
    type: str
    collation: str | None = None
    not_null: bool = False
    generated: str = ""
    identity: str = ""
    default: str | None = None
    default_oid: int = 0
    local: bool = True
    not_null_constraint: str = "NOT NULL"
    not_null_local: bool = False
    settings: tuple[str, ...] = ()
    compression: str = ""
    extra: str = ""


@dataclass(frozen=True, slots=True)
class ConstraintDefinition:
    """A constraint of a table or a domain; ``kind`` is contype.

    ``enforced`` is false and ``temporal`` true only of those that 18 has brought.

    ``derived`` marks a partition's constraint that its root's brings about; ``index`` is the index that
    enforces it, of a foreign key the one that it refers to.
    """

    oid: int
    name: str
    kind: str
    definition: str
    validated: bool = True
    local: bool = True
    derived: bool = False
    index: int = 0
    referenced: int = 0
    columns: tuple[str, ...] = ()
    enforced: bool = True
    temporal: bool = False


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """An index; ``parent`` is the partitioned index that it is a part of, or 0.

    ``statistics`` are the targets of its expressions, by the column's number.
    """

    oid: int
    name: QualifiedName
    definition: str
    of_constraint: bool = False
    parent: int = 0
    clustered: bool = False
    statistics: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SequenceDefinition:
    """A sequence. ``table`` and ``column`` own it; ``identity`` tells that it is a part of that column."""

    oid: int
    name: QualifiedName
    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cache: int
    cycle: bool
    table: int = 0
    column: str = ""
    identity: bool = False


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """A table. ``parents`` are the oids of those that it inherits from, or of which it is a partition.

    ``access_method`` is empty for heap; ``of_type`` is the type of a typed table.
    """

    oid: int
    name: QualifiedName
    kind: str
    columns: tuple[ColumnDefinition, ...]
    constraints: tuple[ConstraintDefinition, ...] = ()
    indexes: tuple[IndexDefinition, ...] = ()
    parents: tuple[int, ...] = ()
    partition_key: str | None = None
    partition_bound: str | None = None
    options: tuple[str, ...] = ()
    access_method: str = ""
    of_type: str = ""
    row_security: bool = False
    force_row_security: bool = False

    def column(self, name: str) -> ColumnDefinition | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class EnumDefinition:
    """An enum type."""

    oid: int
    name: QualifiedName
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompositeDefinition:
    """A composite type."""

    oid: int
    name: QualifiedName
    fields: tuple[ColumnDefinition, ...]


@dataclass(frozen=True, slots=True)
class RangeDefinition:
    """A range type; ``options`` are those of CREATE TYPE ... AS RANGE, by their names there."""

    oid: int
    name: QualifiedName
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DomainDefinition:
    """A domain."""

    oid: int
    name: QualifiedName
    base: str
    collation: str | None = None
    not_null: bool = False
    default: str | None = None
    constraints: tuple[ConstraintDefinition, ...] = ()
    not_null_constraint: str = "NOT NULL"


TypeDefinition = EnumDefinition | CompositeDefinition | RangeDefinition | DomainDefinition


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """A function or procedure; ``definition`` is the server's CREATE OR REPLACE."""

    oid: int
    name: QualifiedName
    arguments: str
    definition: str


@dataclass(frozen=True, slots=True)
class AggregateDefinition:
    """An aggregate; ``options`` are those of CREATE AGGREGATE, an empty one is a flag."""

    oid: int
    name: QualifiedName
    identity_arguments: str
    arguments: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ViewDefinition:
    """A view or, with ``materialized``, one that keeps its rows."""

    oid: int
    name: QualifiedName
    definition: str
    options: tuple[str, ...] = ()
    materialized: bool = False
    populated: bool = True
    indexes: tuple[IndexDefinition, ...] = ()
    columns: tuple[ColumnDefinition, ...] = ()
    access_method: str = ""


@dataclass(frozen=True, slots=True)
class WrittenDefinition:
    """An object whose definition the catalog's query has written out: ``sql`` makes it.

    ``label`` is how it is called, ``home`` the schema that it lies in, or nothing.
    """

    object: ObjectId
    kind: Kind
    label: str
    sql: str
    home: str = ""


@dataclass(frozen=True, slots=True)
class FiringDefinition:
    """A trigger or a rule; ``enabled`` is how it fires, as in pg_trigger.tgenabled.

    ``switchable`` tells that it can be disabled: one on a view can't.
    """

    object: ObjectId
    kind: Kind
    label: str
    name: str
    table: QualifiedName
    sql: str
    enabled: str = "O"
    switchable: bool = True


@dataclass(frozen=True, slots=True)
class GrantDefinition:
    """What one role (or PUBLIC, as an empty name) may do with an object: GRANT or REVOKE, as ``sql``."""

    object: ObjectId
    label: str
    role: str
    sql: str


@dataclass(frozen=True, slots=True)
class CommentDefinition:
    """A comment; ``kind`` and ``identity`` are what COMMENT ON calls its object."""

    object: ObjectId
    kind: str
    identity: str
    text: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """All that a sync carries; ``schemas`` are the oids of the source's, by name.

    ``kept`` are tables that are on the target already: nothing is made on them, others may refer to them.
    """

    tables: tuple[TableDefinition, ...] = ()
    kept: tuple[TableDefinition, ...] = ()
    types: tuple[TypeDefinition, ...] = ()
    sequences: tuple[SequenceDefinition, ...] = ()
    functions: tuple[FunctionDefinition, ...] = ()
    aggregates: tuple[AggregateDefinition, ...] = ()
    views: tuple[ViewDefinition, ...] = ()
    written: tuple[WrittenDefinition, ...] = ()
    firing: tuple[FiringDefinition, ...] = ()
    comments: tuple[CommentDefinition, ...] = ()
    grants: tuple[GrantDefinition, ...] = ()
    schemas: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Who needs whom (``needs``), and who is a mere part of whom (``part_of``)."""

    needs: tuple[tuple[ObjectId, ObjectId], ...] = ()
    part_of: Mapping[ObjectId, ObjectId] = field(default_factory=dict)

    def whole(self, object_: ObjectId) -> ObjectId:
        """The object itself, or the one that it is a part of."""
        seen = {object_}
        while (owner := self.part_of.get(object_)) is not None and owner not in seen:
            seen.add(owner)
            object_ = owner
        return object_
