"""Chance, and the shop on which it falls; values only."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Extent:
    """How many rows of each kind the shop holds: ids run from 1 to these."""

    customers: int
    orders: int
    products: int
    documents: int
    employees: int


@dataclass(frozen=True, slots=True)
class Dice:
    """Chance, and the shop on which it falls."""

    rng: Random
    extent: Extent

    def number(self, sides: int) -> int:
        """A number from 1 to ``sides``."""
        return int(self.rng.random() * sides) + 1

    @property
    def customer(self) -> int:
        """Any customer's id."""
        return self.number(self.extent.customers)

    @property
    def product(self) -> int:
        """Any product's id."""
        return self.number(self.extent.products)

    @property
    def order(self) -> int:
        """Any order's id."""
        return self.number(self.extent.orders)

    @property
    def document(self) -> int:
        """Any document's id."""
        return self.number(self.extent.documents)

    @property
    def employee(self) -> int:
        """Any employee's id."""
        return self.number(self.extent.employees)

    @property
    def word(self) -> str:
        """Eight letters and digits that no other row has, most likely."""
        return f"{self.rng.getrandbits(32):08x}"
