"""A table's changes, from the stream's bytes to COPY's: compiled where that could be built, else in Python.

Both do the same, byte for byte; ``ADBSYNC_PURE=1`` in the environment takes the one in Python. Pure.
"""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol

from airflow_adbsync.engine.config import Operation
from airflow_adbsync.engine.errors import ProtocolViolation
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.replication.decoder import decode
from airflow_adbsync.engine.replication.encoding import (
    Census,
    encode_arrays,
    encode_keyed,
    encode_keyless,
    encode_rows,
    take_census,
)
from airflow_adbsync.engine.replication.forms import BINARY, TEXT
from airflow_adbsync.engine.replication.messages import Delete, Insert, Update
from airflow_adbsync.engine.replication.net_change import KeyedChanges, KeylessChanges
from airflow_adbsync.engine.replication.some_changes import SomeKeyedChanges, SomeKeylessChanges
from airflow_adbsync.engine.replication.transactions import Transactions

_LOG = logging.getLogger(__name__)
# What is asked of `_hot`: to be raised, there too, with every change of how it is called.
INTERFACE = 2
# What a value takes in memory beside its bytes: between 8 for a NULL and about 40.
_VALUE = 24
# What libpq's get_copy_data returns: a length (0: nothing there yet, below 0: the end), and as many bytes.
Read = Callable[[int], tuple[int, Any]]
# Of XLogData, before the message (PostgreSQL doc: Streaming Replication Protocol).
HEADER = 25
_XLOG_DATA = ord("w")
CHANGES = b"IUD"
_oid = struct.Struct("!I").unpack_from


class NetChanges(Protocol):
    """One table's net changes; ``key`` holds the key columns' places in a tuple, none where it has no key.

    ``binary`` is the form of its values, both as they come and as they go.
    """

    key: tuple[int, ...]
    binary: bool
    # What a change takes in memory beside its bytes.
    weight: int

    def __len__(self) -> int: ...

    def fold(self, data: bytes, at: int) -> None:
        """Take an Insert, an Update or a Delete in, which starts at an offset.

        Raises:
            ProtocolViolation: it is malformed, or can't follow what came before.
            TextNeeded: a value came as text, and must not.
        """

    def census(self) -> Census:
        """Count the rows of each operation, and number the masks."""

    def copies(self) -> tuple[int, int]:
        """How many copies of rows of a keyless table were added, and how many removed."""

    def staged(self, spread: bool) -> Iterator[bytes]:
        """Blocks of what COPY reads into a staging table; of a keyed one after its `census`.

        With ``spread``, inserted rows too have a key: by it they find their segment.
        """

    def plain(self) -> Iterator[bytes]:
        """Blocks of what COPY reads into the table itself, where all rows are new."""

    def arrays(self, op: str, elements: Sequence[int]) -> list[bytes]:
        """A keyed table's rows of one operation as arrays, one a column, of elements of these types (oids).

        First those of the old keys, but for ``I``, then those of the columns, but for ``D``; none where there
        are no rows.
        """


class PureChanges:
    """`NetChanges` in Python; of a table of which only some operations are carried, it is always this."""

    def __init__(
        self,
        table: QualifiedName,
        width: int,
        key: tuple[int, ...],
        full: bool,
        binary: bool = False,
        *,
        operations: frozenset[Operation] = frozenset(Operation),
    ) -> None:
        self.key = key
        self.binary = binary
        self._form = BINARY if binary else TEXT
        self.net = _net_changes(key, full, operations)
        self.weight = _VALUE * width
        self._table = table
        self._width = width
        self._census: Census | None = None

    def __len__(self) -> int:
        return len(self.net)

    def fold(self, data: bytes, at: int = 0) -> None:
        """Decode the change, and fold it in."""
        change = decode(data, at, binary=self.binary)
        match change:
            case Insert():
                self._require_width(change)
                self.net.insert(change)
            case Update():
                self._require_width(change)
                self.net.update(change)
            case Delete():
                self._require_width(change)
                self.net.delete(change)

    def census(self) -> Census:
        """Count, and keep the numbers of the masks for `staged`."""
        assert isinstance(self.net, KeyedChanges)  # noqa: S101 - for the type checker
        self._census = take_census(self.net)
        return self._census

    def copies(self) -> tuple[int, int]:
        """Count what is added and what is removed."""
        assert isinstance(self.net, KeylessChanges)  # noqa: S101 - for the type checker
        counts = [count for _, count in self.net.rows()]
        added = sum(count for count in counts if count > 0)
        return added, added - sum(counts)

    def staged(self, spread: bool) -> Iterator[bytes]:
        """Encode for a staging table."""
        if isinstance(self.net, KeylessChanges):
            return encode_keyless(self.net, self._form)
        census = self._census or self.census()
        return encode_keyed(self.net, census, self._width, spread=spread, form=self._form)

    def plain(self) -> Iterator[bytes]:
        """Encode for the table itself."""
        return encode_rows(self.net, self._form)

    def arrays(self, op: str, elements: Sequence[int]) -> list[bytes]:
        """Encode for statements that take arrays."""
        assert isinstance(self.net, KeyedChanges)  # noqa: S101 - for the type checker
        return encode_arrays(self.net, op, elements, self._form)

    def _require_width(self, change: Insert | Update | Delete) -> None:
        # The tuples stand last: the new one, and before it the old one if it was sent.
        for row in change[1:]:
            if row is not None and len(row) != self._width:
                raise ProtocolViolation(
                    f"The source sent {len(row)} values for the {self._width} columns of table {self._table}."
                )


def _net_changes(
    key: tuple[int, ...], full: bool, operations: frozenset[Operation]
) -> KeyedChanges | KeylessChanges:
    if operations == frozenset(Operation):
        return KeyedChanges(key, full) if key else KeylessChanges()
    if key:
        return SomeKeyedChanges(key, full, operations=operations)
    return SomeKeylessChanges(operations=operations)


def pure_drain(
    read: Read,
    more: Callable[[], bool],
    tables: Mapping[int, NetChanges],
    transactions: Transactions,
    *,
    most: int,
    room: int,
) -> tuple[int, int, int, bytes]:
    """Fold what ``read`` returns into the tables, by their oids, until something else comes.

    Begins and commits are taken into ``transactions`` as far as those take them. Once it has folded
    something, and in the midst of a transaction, it asks for ``more`` where ``read`` has none, until there is
    none.

    It ends after ``most`` messages, or when changes have filled ``room`` bytes. Returned are the number of
    changes, their size in bytes, and what ``read`` returned last: a length, and the bytes, if not taken.
    """
    count = size = taken = 0
    while taken < most and size < room:
        length, data = read(1)
        if length == 0 and count and transactions.begin is not None and more():
            continue
        if length <= 0:
            return count, size, length, b""
        data = bytes(data)
        table = _table_of(data, tables) if transactions.begin is not None else None
        if table is not None:
            table.fold(data, HEADER)
            count += 1
            size += length + table.weight
        elif data[0] != _XLOG_DATA or not transactions.take(data, HEADER, count, size):
            return count, size, length, data
        taken += 1
    return count, size, 1, b""


def _table_of(data: bytes, tables: Mapping[int, NetChanges]) -> NetChanges | None:
    known = data[0] == _XLOG_DATA and len(data) >= HEADER + 5 and data[HEADER] in CHANGES
    return tables.get(_oid(data, HEADER + 1)[0]) if known else None


def _compiled() -> Any:
    """The compiled module, if it is there and was made from what lies beside it."""
    if os.environ.get("ADBSYNC_PURE"):
        return None
    try:
        found = import_module("airflow_adbsync.engine.replication._hot")
    except ImportError:
        return None
    if getattr(found, "INTERFACE", 1) != INTERFACE:
        _LOG.warning(
            "%s was compiled from another version; Python does its work, more slowly. "
            "Compile it again: python -m airflow_adbsync.engine.build_hot",
            found.__file__,
        )
        return None
    return found


NewChanges = Callable[[QualifiedName, int, tuple[int, ...], bool, bool], NetChanges]
new_changes: NewChanges = PureChanges
drain = pure_drain
# Makes a `Read` that `drain` calls in libpq itself, of a connection and what `libpq.row_functions` returns.
Reader: Callable[[Any, int, int], Read] | None = None
if (_hot := _compiled()) is not None:
    new_changes, drain, Reader = _hot.Changes, _hot.drain, _hot.Reader
