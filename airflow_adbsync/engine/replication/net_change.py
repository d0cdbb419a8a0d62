"""What a batch leaves behind: the net change of every row, whatever happened to it in between.

Pure. A row's changes are folded into one as they arrive, so that a hot row costs memory once:
insert + update = insert, insert + delete = nothing, update + update = the last image with both masks
merged, delete + insert = replacement, a changed key = the old key's row in its new form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from airflow_adbsync.engine.errors import ProtocolViolation
from airflow_adbsync.engine.replication.messages import UNCHANGED, Delete, Insert, Tuple, Update, Value

Key = tuple[Value, ...]


@dataclass(slots=True)
class NetRow:
    """One row's fate.

    ``origin`` is its key before the batch, or None if it was not there; ``image`` is what the batch leaves
    of it, or None if it is gone.
    """

    origin: Key | None
    image: Tuple | None


@dataclass(slots=True)
class KeyedChanges:
    """The net changes of a table whose rows have a key.

    ``key`` holds the key columns' places in a tuple; ``full`` tells that old tuples are whole rows.
    """

    key: tuple[int, ...]
    full: bool = False
    _rows: dict[Key, NetRow] = field(default_factory=dict)
    _gone: list[NetRow] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._rows) + len(self._gone)

    def insert(self, change: Insert) -> None:
        """Fold an insert in."""
        key = self._key_of(change.new)
        row = self._rows.get(key)
        if row is None:
            self._rows[key] = NetRow(None, change.new)
        elif row.image is None:
            row.image = change.new
        else:
            raise ProtocolViolation(f"The source inserted the row {key!r} twice.")

    def update(self, change: Update) -> None:
        """Fold an update in, of the key too."""
        new = change.new
        if change.old is not None:
            # Under a key identity the rest of the old tuple is NULL, and says nothing.
            _fill(new, change.old, None if self.full else self.key)
        key = self._key_of(new)
        old_key = key if change.old is None else self._key_of(change.old)
        row = self._rows.get(old_key)
        if row is None:
            row = NetRow(old_key, new)
        elif row.image is None:
            raise ProtocolViolation(f"The source updated the row {old_key!r} after its deletion.")
        else:
            _fill(new, row.image)
            row.image = new
        if old_key != key:
            self._rows.pop(old_key, None)
            displaced = self._rows.get(key)
            if displaced is not None:
                self._displace(key, displaced)
        self._rows[key] = row

    def delete(self, change: Delete) -> None:
        """Fold a delete in."""
        key = self._key_of(change.old)
        row = self._rows.get(key)
        if row is None:
            self._rows[key] = NetRow(key, None)
        elif row.origin is None:
            del self._rows[key]
        elif row.origin == key:
            row.image = None
        else:
            # The place is free for another row of this key; the row that came here is gone.
            del self._rows[key]
            row.image = None
            self._gone.append(row)

    def rows(self) -> Iterator[NetRow]:
        """Every row that the batch changed."""
        yield from self._gone
        yield from self._rows.values()

    def _displace(self, key: Key, row: NetRow) -> None:
        if row.image is not None:
            raise ProtocolViolation(f"The source moved a row onto the key {key!r}, which another row holds.")
        self._gone.append(row)

    def _key_of(self, row: Tuple) -> Key:
        return tuple([row[place] for place in self.key])


@dataclass(slots=True)
class KeylessChanges:
    """The net changes of a table without a key: how often each row was added, or (below zero) removed."""

    _counts: dict[Key, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._counts)

    def insert(self, change: Insert) -> None:
        """Count a row in."""
        self._count(change.new, 1)

    def update(self, change: Update) -> None:
        """Count the old row out and the new one in."""
        if change.old is None:
            raise ProtocolViolation("The source sent an update of a keyless table without the old row.")
        _fill(change.new, change.old)
        self._count(change.old, -1)
        self._count(change.new, 1)

    def delete(self, change: Delete) -> None:
        """Count a row out."""
        self._count(change.old, -1)

    def rows(self) -> Iterator[tuple[Key, int]]:
        """Every row whose number changed, and by how much."""
        return iter(self._counts.items())

    def _count(self, row: Tuple, step: int) -> None:
        key = tuple(row)
        count = self._counts.get(key, 0) + step
        if count:
            self._counts[key] = count
        else:
            del self._counts[key]


NetChanges = KeyedChanges | KeylessChanges


def _fill(new: Tuple, old: Tuple, places: tuple[int, ...] | None = None) -> None:
    """Put the old row's values where the new one's were not sent."""
    for place in range(len(new)) if places is None else places:
        if new[place] is UNCHANGED:
            new[place] = old[place]
