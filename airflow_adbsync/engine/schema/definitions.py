"""The source's objects as their definitions: what the catalog says, ready to be written as DDL.

Expressions, types and collations are the server's own text, fully qualified and quoted by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.identity import ObjectId


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column, or a field of a composite type; ``generated`` and ``identity`` as in pg_attribute.

    ``local`` is false for a column that is there only because a parent has it.
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


@dataclass(frozen=True, slots=True)
class ConstraintDefinition:
    """A constraint of a table or a domain; ``kind`` is contype.

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


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """An index; ``parent`` is the partitioned index that it is a part of, or 0."""

    oid: int
    name: QualifiedName
    definition: str
    of_constraint: bool = False
    parent: int = 0


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
    """A table. ``parents`` are the oids of those that it inherits from, or of which it is a partition."""

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


@dataclass(frozen=True, slots=True)
class CommentDefinition:
    """A comment; ``kind`` and ``identity`` are what COMMENT ON calls its object."""

    object: ObjectId
    kind: str
    identity: str
    text: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """All that a sync carries."""

    tables: tuple[TableDefinition, ...] = ()
    types: tuple[TypeDefinition, ...] = ()
    sequences: tuple[SequenceDefinition, ...] = ()
    functions: tuple[FunctionDefinition, ...] = ()
    aggregates: tuple[AggregateDefinition, ...] = ()
    views: tuple[ViewDefinition, ...] = ()
    comments: tuple[CommentDefinition, ...] = ()


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
