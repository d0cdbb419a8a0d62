"""Packing tables into bins of even cost; pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from airflow_adbsync.engine.model import QualifiedName, Relation

# What a table costs beside its bytes (catalog queries, locks, a commit), in bytes copied meanwhile.
_TABLE_COST = 512 << 10
# Below this cost, a task of its own takes longer to start than to run.
_WORTH_A_TASK = 8 << 20
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Bin:
    """The tables that one task loads, largest first; ``bytes`` is their estimated size on the source."""

    number: int
    tables: tuple[QualifiedName, ...]
    bytes: int

    def __str__(self) -> str:
        """For people: ``bin 0: 12 tables, about 34.5 MB: shop.orders, shop.items, shop.carts and 9 more``."""
        shown = ", ".join(map(str, self.tables[:_SHOWN]))
        more = f" and {len(self.tables) - _SHOWN} more" if len(self.tables) > _SHOWN else ""
        return f"bin {self.number}: {len(self.tables)} tables, about {self.bytes / 1e6:.1f} MB: {shown}{more}"

    def to_json(self) -> dict[str, Any]:
        """The form in which a bin travels to its task."""
        return {
            "number": self.number,
            "tables": [[table.schema, table.name] for table in self.tables],
            "bytes": self.bytes,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        tables = tuple(QualifiedName(schema, name) for schema, name in document["tables"])
        return cls(document["number"], tables, document["bytes"])


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Every table of the sync, in exactly one bin."""

    bins: tuple[Bin, ...]

    def __str__(self) -> str:
        """For people: a line for each bin, with its largest tables."""
        return "\n".join(map(str, self.bins)) or "No tables."

    def to_json(self) -> list[dict[str, Any]]:
        """One document for each mapped task."""
        return [bin_.to_json() for bin_ in self.bins]

    @classmethod
    def from_json(cls, documents: Iterable[dict[str, Any]]) -> Self:
        """The inverse of `to_json`."""
        return cls(tuple(Bin.from_json(document) for document in documents))


def pack(relations: Iterable[Relation], max_bins: int) -> LoadPlan:
    """Give each table, largest first, to the bin that has the least so far.

    The fullest bin is then at most a third fuller than in the best packing there is (Graham 1969). Fewer than
    ``max_bins`` are made where the tables are too small to be worth as many tasks.
    """
    ordered = sorted(relations, key=lambda relation: (-relation.bytes, relation.name))
    if not ordered:
        return LoadPlan(())
    number_of_bins = _number_of_bins(ordered, max_bins)
    contents: list[list[Relation]] = [[] for _ in range(number_of_bins)]
    fill = [(0, number) for number in range(number_of_bins)]
    for relation in ordered:
        cost, number = heapq.heappop(fill)
        contents[number].append(relation)
        heapq.heappush(fill, (cost + _cost(relation), number))
    return LoadPlan(tuple(_bin(number, content) for number, content in enumerate(contents)))


def _number_of_bins(relations: list[Relation], max_bins: int) -> int:
    worth = -(-sum(map(_cost, relations)) // _WORTH_A_TASK)
    return max(1, min(max_bins, len(relations), worth))


def _cost(relation: Relation) -> int:
    return relation.bytes + _TABLE_COST


def _bin(number: int, content: list[Relation]) -> Bin:
    tables = tuple(relation.name for relation in content)
    return Bin(number, tables, sum(relation.bytes for relation in content))
