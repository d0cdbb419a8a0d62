"""A stream of messages to parts that are applied at a time. Pure.

A part holds whole transactions, or, where one transaction is larger than the limits, a piece of it: then
its ``commit`` is None, and the next part belongs into the same transaction on the target.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

from airflow_adbsync.engine.config import Operation
from airflow_adbsync.engine.errors import ProtocolViolation
from airflow_adbsync.engine.model import Lsn, QualifiedName, ReplicaIdentity, Snapshot
from airflow_adbsync.engine.replication.decoder import decode
from airflow_adbsync.engine.replication.folding import (
    CHANGES,
    NetChanges,
    NewChanges,
    PureChanges,
    new_changes,
)
from airflow_adbsync.engine.replication.messages import (
    Begin,
    Commit,
    RelationMessage,
    Truncate,
    TypeMessage,
)
from airflow_adbsync.engine.replication.transactions import Transactions

# Each of them, with its staging table and indexes, takes locks until the target's transaction ends.
_MOST_TABLES = 200
_WRAP = 1 << 32
# Of a part's limits, a commit ends it.
_HALF = 0.5
_CHANGES = frozenset(bytes([kind]) for kind in CHANGES)


@dataclass(frozen=True, slots=True)
class Limits:
    """A part ends at the first of these, or at the commit that finds it half full.

    So a transaction of up to half the limits is never cut in two.
    """

    changes: int
    bytes: int
    age: float


def _unchanged(names: Sequence[str]) -> Sequence[str | None]:
    return names


@dataclass(frozen=True, slots=True)
class Sought:
    """A table of the sync: the snapshot of its load, and the key that the target knows its rows by.

    ``target_names`` leads from a tuple's columns to their names on the target, or to None for one that is
    not there as it is. ``truncated`` is false where a TRUNCATE passes it by.
    """

    snapshot: Snapshot
    key: tuple[str, ...] | None
    target_names: Callable[[Sequence[str]], Sequence[str | None]] = _unchanged
    operations: frozenset[Operation] = frozenset(Operation)
    truncated: bool = True


@dataclass(slots=True)
class TableChanges:
    """One table's share of a part."""

    relation: RelationMessage
    net: NetChanges


@dataclass(slots=True)
class Part:
    """What is applied at a time: first ``truncated`` is emptied, then ``tables`` are changed.

    ``xids`` are the transactions that it holds, whole or in part; ``reach`` is where the last one's commit
    stands in the log. ``passed`` are tables that are not loaded yet, of which it leaves changes out. Of those
    ``truncated_in_part`` only some leaves were emptied.
    """

    truncated: tuple[RelationMessage, ...] = ()
    truncated_in_part: tuple[QualifiedName, ...] = ()
    restart_identity: bool = False
    tables: dict[int, TableChanges] = field(default_factory=dict)
    types: Mapping[int, QualifiedName] = field(default_factory=dict)
    commit: Commit | None = None
    reach: Lsn = Lsn(0)  # noqa: RUF009 - an LSN never changes
    xids: list[int] = field(default_factory=list)
    described: set[int] = field(default_factory=set)
    passed: set[QualifiedName] = field(default_factory=set)
    transactions: int = 0
    changes: int = 0
    bytes: int = 0
    begun: float = field(default_factory=monotonic)

    @property
    def is_empty(self) -> bool:
        """Tell whether it changes nothing, not even the progress."""
        return not (self.changes or self.transactions or self.truncated)


class Assembler:
    """Folds messages into parts; leaves out what a table's load has seen already.

    ``names`` are the source's tables by their oids, as far as they are known. Transactions up to
    ``one_by_one`` are parts of their own. ``waiting`` are tables of the sync that are not loaded yet.
    ``binary`` is the form of the stream's values.
    ``leaves`` leads from the oids of partitions that are published one by one to their roots': what is done
    to them is done to the root.
    """

    def __init__(
        self,
        sought: Mapping[QualifiedName, Sought],
        names: Mapping[int, QualifiedName],
        start: Lsn,
        limits: Limits,
        one_by_one: Lsn,
        *,
        waiting: Collection[QualifiedName] = (),
        binary: bool = False,
        leaves: Mapping[int, int] | None = None,
        new: NewChanges = new_changes,
    ) -> None:
        self._new = new
        self._binary = binary
        self._waiting = waiting
        self._leaves = {} if leaves is None else leaves
        self._sought = sought
        self._names = names
        self._start = start
        self._limits = limits
        self._one_by_one = one_by_one
        self._relations: dict[int, RelationMessage] = {}
        self._types: Mapping[int, QualifiedName] = {}
        self._part = Part()
        self._begin: Begin | None = None
        self._cut = False
        self._left_out: dict[int, bool] = {}
        # A transaction from here on has seen the end of every load.
        self._all_loaded = max((each.snapshot.xmax for each in sought.values()), default=0)
        self._is_loaded = False
        self._folding: dict[int, NetChanges] = {}

    @property
    def open(self) -> Mapping[int, NetChanges]:
        """The tables whose next changes in a transaction belong into this part for certain, by their oids."""
        return self._folding

    def transactions(self) -> Transactions:
        """What begins and commits without an end of this part, for `add`."""
        part, limits = self._part, self._limits
        ends = self._cut or self.age >= limits.age or len(part.tables) >= _MOST_TABLES
        return Transactions(
            begin=self._begin,
            first=self._all_loaded if self._is_loaded and not part.is_empty else None,
            start=self._start,
            behind=self._one_by_one,
            changes=0 if ends else limits.changes * _HALF - part.changes,
            size=limits.bytes * _HALF - part.bytes,
        )

    @property
    def room(self) -> tuple[int, int]:
        """How many changes, and how many bytes of them, still belong into this part."""
        return self._limits.changes - self._part.changes, self._limits.bytes - self._part.bytes

    @property
    def gathered(self) -> tuple[int, int]:
        """How many changes, and how many bytes of them, are in this part so far."""
        return self._part.changes, self._part.bytes

    @property
    def age(self) -> float:
        """For how many seconds the part has been gathered."""
        return monotonic() - self._part.begun

    @property
    def at_rest(self) -> bool:
        """Tell whether everything that was fed has been handed out."""
        return self._begin is None and self._part.is_empty

    def feed(self, data: bytes, at: int = 0) -> Part | None:
        """Take the message that starts at an offset; return a part when one is full, or must end here.

        Raises:
            ProtocolViolation: it is malformed, or can't stand here.
            TextNeeded: it has values without a binary form, and the stream is binary.
        """
        if data[at : at + 1] in _CHANGES:
            return self._change(data, at)
        match decode(data, at):
            case Begin() as begin:
                self._open_transaction(begin)
            case Commit() as commit:
                return self._commit(commit)
            case RelationMessage() as relation:
                return self._describe(relation)
            case TypeMessage(oid, name):
                # Parts that were handed out may be read by another thread: what they hold is left alone.
                self._types = {**self._types, oid: name}
            case Truncate() as truncate:
                return self._truncate(truncate)
        return None

    def add(self, changes: int, size: int, transactions: Transactions) -> Part | None:
        """Count what was folded into the ``open`` tables, in transactions; return a part when one is full."""
        self._begin = transactions.begin
        if transactions.commit is not None:
            part = self._part
            part.commit, part.reach = transactions.commit, transactions.commit.commit_lsn
            part.xids += transactions.xids
            part.transactions += len(transactions.xids)
        return self._count(changes, size)

    def take(self) -> Part | None:
        """Hand out what is there, if it ends with a whole transaction."""
        if self._begin is not None or self._part.is_empty:
            return None
        return self._hand_out()

    def _count(self, changes: int, size: int) -> Part | None:
        self._part.changes += changes
        self._part.bytes += size
        return self._hand_out() if changes and self._is_filled(1.0) else None

    def _change(self, data: bytes, at: int) -> Part | None:
        if len(data) < at + 5:
            raise ProtocolViolation(f"The source sent a malformed message of kind {data[at : at + 1]!r}.")
        oid = int.from_bytes(data[at + 1 : at + 5])
        if self._is_left_out(oid):
            self._pass(oid)
            return None
        before, table = self._table(self._relation(oid))
        self._folding[oid] = table.net
        table.net.fold(data, at)
        return before or self._count(1, len(data) + table.net.weight)

    def _table(self, relation: RelationMessage) -> tuple[Part | None, TableChanges]:
        """Its share of this part; of a new one, where another leaf of the same root has other columns."""
        before = None
        table = self._part.tables.get(relation.oid)
        if table is not None and self._leaves and table.relation != relation:
            before, table = self._hand_out(), None
        if table is None:
            table = self._part.tables[relation.oid] = self._open(relation)
        return before, table

    def _open_transaction(self, begin: Begin) -> None:
        if self._begin is not None:
            raise ProtocolViolation("The source began a transaction within a transaction.")
        self._begin = begin
        if self._part.is_empty:
            # It may have stood ready for long, while the one before it waited to be taken.
            self._part.begun = monotonic()
        was_loaded, self._is_loaded = self._is_loaded, self._is_after_all_loads(begin.xid)
        if not (was_loaded and self._is_loaded):
            self._left_out.clear()
            self._folding.clear()

    def _is_after_all_loads(self, xid: int) -> bool:
        return (xid - self._all_loaded) % _WRAP < _WRAP // 2

    def _commit(self, commit: Commit) -> Part | None:
        if self._begin is None:
            raise ProtocolViolation("The source ended a transaction that had not begun.")
        xid, self._begin = self._begin.xid, None
        if commit.end_lsn <= self._start:
            raise ProtocolViolation(f"The source sent the transaction at {commit.end_lsn} again.")
        part = self._part
        part.commit, part.reach = commit, commit.commit_lsn
        part.xids.append(xid)
        part.transactions += 1
        cut, self._cut = self._cut, False
        due = cut or self._is_filled(_HALF) or self.age >= self._limits.age
        due = due or len(part.tables) >= _MOST_TABLES or part.reach <= self._one_by_one
        return self._hand_out() if due else None

    def _describe(self, relation: RelationMessage) -> Part | None:
        stated = relation.oid
        known = self._relations.get(stated)
        oid = self._leaves.get(stated, stated)
        # A table that had another name for a time is the same table.
        relation = relation._replace(oid=oid, name=self._names.get(oid, relation.name))
        self._relations[stated] = relation
        self._left_out.pop(stated, None)
        if known != relation:
            self._folding.pop(stated, None)
        before = None
        if known is not None and known != relation and relation.oid in self._part.tables:
            before = self._hand_out()
        self._part.described.add(relation.oid)
        return before

    def _truncate(self, message: Truncate) -> Part | None:
        emptied = dict.fromkeys(self._relation(oid) for oid in message.relations if self._is_emptied(oid))
        if not emptied:
            return None
        before = None if self._part.is_empty else self._hand_out()
        self._part.truncated = tuple(emptied)
        roots = {root for leaf, root in list(self._leaves.items()) if leaf not in message.relations}
        self._part.truncated_in_part = tuple(each.name for each in emptied if each.oid in roots)
        self._part.restart_identity = message.restart_identity
        return before

    def _is_emptied(self, oid: int) -> bool:
        if self._is_left_out(oid):
            self._pass(oid)
            return False
        sought = self._sought[self._relation(oid).name]
        return sought.truncated and Operation.DELETE in sought.operations

    def _is_filled(self, share: float) -> bool:
        part, limits = self._part, self._limits
        return part.changes >= limits.changes * share or part.bytes >= limits.bytes * share

    def _hand_out(self) -> Part:
        part, self._part = self._part, Part()
        self._folding.clear()
        part.types = self._types
        if self._begin is not None:
            part.commit, part.reach = None, self._begin.final_lsn
            part.xids.append(self._begin.xid)
            self._cut = True
        return part

    def _is_left_out(self, oid: int) -> bool:
        known = self._left_out.get(oid)
        if known is None:
            known = self._left_out[oid] = self._was_seen(oid)
        return known

    def _was_seen(self, oid: int) -> bool:
        """A table that is not the sync's is left out, and so is a change that the table's load has copied."""
        if self._begin is None:
            raise ProtocolViolation("The source sent a change outside of a transaction.")
        sought = self._sought.get(self._relation(oid).name)
        return sought is None or sought.snapshot.sees(self._begin.xid)

    def _pass(self, oid: int) -> None:
        """The load of a table that is not loaded yet must see what is left out here."""
        if self._waiting and (name := self._relation(oid).name) in self._waiting:
            self._part.passed.add(name)

    def _relation(self, oid: int) -> RelationMessage:
        try:
            return self._relations[oid]
        except KeyError:
            raise ProtocolViolation(
                f"The source sent a change of a table (oid {oid}) that it did not describe."
            ) from None

    def _open(self, relation: RelationMessage) -> TableChanges:
        full = relation.replica_identity is ReplicaIdentity.FULL
        if full:
            sought = self._sought[relation.name]
            names = sought.key
            called = sought.target_names([column.name for column in relation.columns])
            places = {name: place for place, name in enumerate(called)}
            key = tuple(places[name] for name in names if name in places) if names else ()
            if names and len(key) < len(names):
                key = ()
        else:
            key = tuple(place for place, column in enumerate(relation.columns) if column.part_of_key)
        operations = self._sought[relation.name].operations
        new = self._new if operations == frozenset(Operation) else partial(PureChanges, operations=operations)
        return TableChanges(relation, new(relation.name, len(relation.columns), key, full, self._binary))
