"""A sequence, where it stands, and which value it gives next; pure."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.model import QualifiedName


@dataclass(frozen=True, slots=True)
class OwnerColumn:
    """The serial or identity column that a sequence belongs to."""

    table: QualifiedName
    column: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence's definition (PostgreSQL doc: CREATE SEQUENCE) and its place among the tables."""

    name: QualifiedName
    increment: int
    minimum: int
    maximum: int
    cycle: bool
    owner: OwnerColumn | None = None
    used_by: frozenset[QualifiedName] = frozenset()


@dataclass(frozen=True, slots=True)
class SequenceState:
    """A sequence's definition and its row; without ``is_called`` the last value is yet to be given."""

    last_value: int
    is_called: bool
    increment: int
    minimum: int
    maximum: int
    cycle: bool

    @property
    def ascending(self) -> bool:
        """The direction in which it counts."""
        return self.increment > 0


def next_value(state: SequenceState) -> int | None:
    """What nextval() will return, or None where it will fail because the sequence is used up."""
    if not state.is_called:
        return state.last_value
    following = state.last_value + state.increment
    if state.minimum <= following <= state.maximum:
        return following
    if not state.cycle:
        return None
    return state.minimum if state.ascending else state.maximum


def is_behind(value: int | None, other: int | None, *, ascending: bool) -> bool:
    """Tell whether ``value`` comes before ``other``; None, a used-up sequence's, comes after every value."""
    if value is None:
        return False
    if other is None:
        return True
    return value < other if ascending else value > other
