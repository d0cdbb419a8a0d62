"""What a database holds, object by object, before anything is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from airflow_adbsync.engine.model import QualifiedName, quote_identifier
from airflow_adbsync.engine.schema.definitions import Dependencies
from airflow_adbsync.engine.schema.identity import ObjectId, relation
from airflow_adbsync.engine.schema.kind import ON_RELATIONS, Kind, kind_of


@dataclass(frozen=True, slots=True)
class Item:
    """An object.

    ``letter`` is its kind in its catalog; ``arguments`` are a routine's or an operator's, an operator class's
    access method, or the name of the table that the object is on; ``detail`` a relation's persistence, a
    function's language, a cast's method; ``owner`` the oid of the table or view that it is on, or 0;
    ``roles`` those that a policy is for.
    """

    id: ObjectId
    name: QualifiedName
    letter: str
    arguments: str = ""
    detail: str = ""
    partition: bool = False
    owner: int = 0
    roles: tuple[str, ...] = ()
    extension: str | None = None

    @property
    def kind(self) -> Kind:
        """What it is."""
        return kind_of(self.id.catalog, self.letter)

    def __str__(self) -> str:
        match self.kind:
            case Kind.FUNCTION | Kind.PROCEDURE | Kind.AGGREGATE:
                return f"{self.kind} {self.name}({self.arguments})"
            case Kind.OPERATOR:
                return f"{self.kind} {self.name} ({self.arguments})"
            case Kind.OPERATOR_CLASS | Kind.OPERATOR_FAMILY:
                return f"{self.kind} {self.name} using {self.arguments}"
            case Kind.CAST:
                return f"{self.kind} ({self.name.name})"
            case kind if kind in ON_RELATIONS and kind is not Kind.STATISTICS:
                return f"{kind} {quote_identifier(self.name.name)} on {self.arguments}"
            case kind:
                return f"{kind} {self.name}"


@dataclass(frozen=True, slots=True)
class SequenceOwner:
    """The column that a sequence belongs to."""

    table: int
    column: str
    identity: bool


@dataclass(frozen=True, slots=True)
class Inventory:
    """Every object of the users' schemas, and how they hang together."""

    items: Mapping[ObjectId, Item]
    dependencies: Dependencies = field(default_factory=Dependencies)
    parents: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    sequence_owners: Mapping[int, SequenceOwner] = field(default_factory=dict)

    def table(self, oid: int) -> Item | None:
        """The table with that oid."""
        item = self.items.get(relation(oid))
        return item if item and item.kind is Kind.TABLE else None

    def needs(self) -> dict[ObjectId, set[ObjectId]]:
        """What each whole object needs of other whole objects."""
        whole = self.dependencies.whole
        needs: dict[ObjectId, set[ObjectId]] = {}
        for dependent, needed in self.dependencies.needs:
            first, second = whole(dependent), whole(needed)
            if first != second:
                needs.setdefault(first, set()).add(second)
        return needs
