"""Net changes of a table of which only some operations are carried. Pure.

What is left out can make the rest look impossible: a row inserted twice (its delete was left out), or updated
though it is gone (its insert was). The last state wins then.
"""

from __future__ import annotations

from dataclasses import dataclass

from airflow_adbsync.engine.config import Operation
from airflow_adbsync.engine.replication.messages import Delete, Insert, Update
from airflow_adbsync.engine.replication.net_change import (
    Key,
    KeyedChanges,
    KeylessChanges,
    NetRow,
)


@dataclass(slots=True)
class SomeKeyedChanges(KeyedChanges):
    """As `KeyedChanges`, of the given operations only."""

    operations: frozenset[Operation] = frozenset(Operation)

    def insert(self, change: Insert) -> None:
        """Fold an insert in; over a row whose delete was not carried it is its new state."""
        if Operation.INSERT not in self.operations:
            return
        row = self._rows.get(self._key_of(change.new))
        if row is not None and row.image is not None:
            row.image = change.new
        else:
            KeyedChanges.insert(self, change)

    def update(self, change: Update) -> None:
        """Fold an update in; one of a row that was deleted, and whose insert was not carried, is none."""
        if Operation.UPDATE not in self.operations:
            return
        row = self._rows.get(self._key_of(change.new if change.old is None else change.old))
        if row is None or row.image is not None:
            KeyedChanges.update(self, change)

    def delete(self, change: Delete) -> None:
        """Fold a delete in."""
        if Operation.DELETE in self.operations:
            KeyedChanges.delete(self, change)

    def _displace(self, key: Key, row: NetRow) -> None:
        """A row comes to a key whose row was not removed, for its delete was not carried."""
        del self._rows[key]
        if row.origin is not None:
            row.image = None
            self._gone.append(row)


@dataclass(slots=True)
class SomeKeylessChanges(KeylessChanges):
    """As `KeylessChanges`, of the given operations only."""

    operations: frozenset[Operation] = frozenset(Operation)

    def insert(self, change: Insert) -> None:
        """Count a row in."""
        if Operation.INSERT in self.operations:
            KeylessChanges.insert(self, change)

    def update(self, change: Update) -> None:
        """Count the old row out and the new one in."""
        if Operation.UPDATE in self.operations:
            KeylessChanges.update(self, change)

    def delete(self, change: Delete) -> None:
        """Count a row out."""
        if Operation.DELETE in self.operations:
            KeylessChanges.delete(self, change)
