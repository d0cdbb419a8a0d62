"""What a database holds, object by object, before anything is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.definitions import Dependencies
from airflow_adbsync.engine.schema.identity import ObjectId, relation

_LANGUAGES = frozenset({"sql", "plpgsql"})


class Kind(StrEnum):
    """What an object is, in words."""

    TABLE = "table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    SEQUENCE = "sequence"
    FOREIGN_TABLE = "foreign table"
    TYPE = "type"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    AGGREGATE = "aggregate"


_KINDS = {
    ("pg_class", "r"): Kind.TABLE,
    ("pg_class", "p"): Kind.TABLE,
    ("pg_class", "v"): Kind.VIEW,
    ("pg_class", "m"): Kind.MATERIALIZED_VIEW,
    ("pg_class", "S"): Kind.SEQUENCE,
    ("pg_class", "f"): Kind.FOREIGN_TABLE,
    ("pg_proc", "f"): Kind.FUNCTION,
    ("pg_proc", "w"): Kind.FUNCTION,
    ("pg_proc", "p"): Kind.PROCEDURE,
    ("pg_proc", "a"): Kind.AGGREGATE,
}


@dataclass(frozen=True, slots=True)
class Item:
    """An object.

    ``letter`` is its kind in its catalog; ``detail`` a relation's persistence, a function's language.
    """

    id: ObjectId
    name: QualifiedName
    letter: str
    arguments: str = ""
    detail: str = ""
    partition: bool = False
    extension: str | None = None

    @property
    def kind(self) -> Kind:
        """What it is."""
        return _KINDS.get((self.id.catalog, self.letter), Kind.TYPE)

    @property
    def obstacle(self) -> str:
        """Why it can't be carried whatever is selected, or nothing."""
        match self.kind:
            case Kind.FOREIGN_TABLE:
                return "its rows are on another server"
            case Kind.TABLE if self.detail == "u":
                return "it is unlogged: its changes are not in the write-ahead log"
            case Kind.TABLE if self.detail == "t":
                return "it is temporary"
            case Kind.TYPE if self.letter in "bp":
                return "it is a base type, written in C"
            case Kind.FUNCTION | Kind.PROCEDURE if self.detail not in _LANGUAGES:
                return f"it is written in {self.detail}"
            case _:
                return ""

    def __str__(self) -> str:
        routine = self.id.catalog == "pg_proc"
        return f"{self.kind} {self.name}" + (f"({self.arguments})" if routine else "")


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
