"""Carrying one table's net changes over to the target, in the session's open transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import psycopg

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import RowExists, RowMissing, StatementFailed, WholeRowsNeeded
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.replication.array_writer import (
    ArrayStep,
    array_steps,
    can_pipeline,
    write_arrays,
)
from airflow_adbsync.engine.replication.batch import TableChanges
from airflow_adbsync.engine.replication.encoding import Census, Mask
from airflow_adbsync.engine.replication.folding import NetChanges
from airflow_adbsync.engine.replication.manner import Manner, Missing
from airflow_adbsync.engine.replication.messages import RelationMessage
from airflow_adbsync.engine.replication.reconciling import count_staged, reconcile
from airflow_adbsync.engine.replication.reshaping import Reshaping
from airflow_adbsync.engine.replication.stages import Layout, Stages
from airflow_adbsync.engine.replication.staging import Staging

_COLLISIONS = (psycopg.errors.UniqueViolation, psycopg.errors.ExclusionViolation)
# Tables that COPY does not write into, e.g. those with row security, take an INSERT.
_NOT_BY_COPY = (*_COLLISIONS, psycopg.errors.FeatureNotSupported, psycopg.errors.WrongObjectType)
# So many parts are written table by table after one that could not be written straight away.
_WARY_FOR = 20
# Above, a staging table costs little a value, and arrays would take the server's memory.
_MOST_VALUES = 200_000
_MOST_BYTES = 32 << 20
_INTRUDER = (
    "Something else writes to the target's table: stop that, then load the table again; or let the source's "
    "rows win, by `incremental: {on_conflict: overwrite}`."
)


class _Shortfall(Exception):
    """A statement found fewer rows than the source had changed."""

    def __init__(self, op: str, wanted: int, found: int) -> None:
        super().__init__(op, wanted, found)
        self.op, self.wanted, self.found = op, wanted, found


class _Obstacle(Exception):
    """What was tried without a way back for each table needs one."""


class _Step(NamedTuple):
    """A statement, and how many rows it must touch."""

    op: str
    wanted: int
    statement: str


class TableWriter:
    """Carries tables over one by one; where rows are only added, straight into their table.

    ``conflicts`` counts, by the source's names, the rows that were missing or in the way since the last
    commit, and were put up with.
    """

    def __init__(self, conn: Connection, stages: Stages) -> None:
        self._conn = conn
        self._stages = stages
        self.conflicts: Counter[QualifiedName] = Counter()
        self._wary = 0
        self._can_pipeline = can_pipeline(conn)
        self._by_arrays = False

    def committed(self) -> None:
        """The transaction ended."""
        self._stages.committed()
        self.conflicts.clear()

    def write(
        self, tables: Collection[TableChanges], types: Mapping[int, QualifiedName], size: int
    ) -> Counter[QualifiedName]:
        """Apply tables' net changes, which came as ``size`` bytes; return how many rows of each they touched.

        A savepoint for each table takes longer than a small table's changes: it is first tried without.

        Raises:
            RelationDrifted: the source's columns are no longer the target's.
            TextNeeded: the changes are binary, and a type is not the same here in this form.
            RowMissing: a changed row is not there.
            RowExists: an inserted row is there already.
            WholeRowsNeeded: an update came without values that a filter or an expression needs.
        """
        self._by_arrays = not self._wary and self._can_pipeline and size <= _MOST_BYTES
        if not self._wary:
            stages, conflicts = self._stages.mark(), self.conflicts.copy()
            try:
                with self._conn.transaction():
                    return self._write_all(tables, types)
            except _Obstacle:
                self._stages.go_back(stages)
                self.conflicts = conflicts
                self._wary = _WARY_FOR
                self._by_arrays = False
        rows = self._write_all(tables, types)
        self._wary -= 1
        return rows

    def _write_all(
        self, tables: Collection[TableChanges], types: Mapping[int, QualifiedName]
    ) -> Counter[QualifiedName]:
        rows = Counter[QualifiedName]()
        self._stages.foresee(changes for changes in tables if len(changes.net))
        small: list[ArrayStep] = []
        for changes in tables:
            if self._by_arrays and (steps := self._steps_by_arrays(changes, types)):
                small += steps
                rows[changes.relation.name] += len(changes.net)
            elif touched := self._write_table(changes, types):
                rows[changes.relation.name] += touched
        if small and not write_arrays(self._conn, small):
            raise _Obstacle
        return rows

    def _steps_by_arrays(
        self, changes: TableChanges, types: Mapping[int, QualifiedName]
    ) -> tuple[ArrayStep, ...]:
        """None where the table, or what it went through, must be staged."""
        relation, net = changes.relation, changes.net
        if not (net.key and 0 < len(net) * len(relation.columns) <= _MOST_VALUES):
            return ()
        layout = self._stages.layout(relation, net, types)
        if layout.by_arrays is None or not layout.goes_straight:
            return ()
        census = net.census()
        if any(mask and count for mask, count in census.updates.items()):
            return ()
        return tuple(array_steps(layout.by_arrays, net, census))

    def _write_table(self, changes: TableChanges, types: Mapping[int, QualifiedName]) -> int:
        if not len(changes.net):
            return 0
        if changes.net.key:
            return self._write_keyed(changes.relation, changes.net, types)
        return self._write_keyless(changes.relation, changes.net, types)

    def _write_keyed(
        self, relation: RelationMessage, net: NetChanges, types: Mapping[int, QualifiedName]
    ) -> int:
        layout = self._stages.layout(relation, net, types)
        staging, manner = layout.staging, layout.manner
        census = net.census()
        straight = census.only_inserts and layout.goes_straight
        if straight and self._add(layout, net.plain(), census.inserts):
            return len(net)
        self._stages.fill(layout, net.staged(staging.distribution is not None), len(net))
        if layout.reshaping is not None:
            census = self._reshape(layout.reshaping, census)
        if manner.expected:
            census, _ = self._reconcile(staging, census, manner)
        try:
            self._carry(staging, census)
        except (RowExists, RowMissing):
            if manner.is_strict or manner.expected:
                raise
            census, surprises = self._reconcile(staging, census, manner)
            self.conflicts[relation.name] += surprises
            self._carry(staging, census)
        return len(net)

    def _carry(self, staging: Staging, census: Census) -> None:
        try:
            self._run(staging, self._steps(staging, census))
        except _COLLISIONS:
            # Rows that trade places under a unique constraint collide one by one; together they fit.
            self._replace(staging, census)
        except _Shortfall as shortfall:
            if shortfall.op == "D" or not staging.fixed:
                raise self._row_missing(staging, shortfall) from None
            # Either a row is missing, or an identity column has a new value: then the row is put in anew.
            self._replace(staging, census)

    def _reshape(self, reshaping: Reshaping, census: Census) -> Census:
        """Fill the staging table from the raw one; masks are numbered anew, for columns may be left out."""
        if reshaping.shape.needs_whole_rows and any(mask and count for mask, count in census.updates.items()):
            raise WholeRowsNeeded(
                f"Table {reshaping.shape.table} has a filter or values in the configuration, and the source "
                "sent an update without the large values that it left unchanged. Nothing of the batch was "
                "applied.",
                remedy="Run the replica identity phase, which sets FULL, then load the table again.",
            )
        updates: dict[Mask, int] = {(): 0}
        for mask, count in census.updates.items():
            target = reshaping.target_mask(mask)
            updates[target] = updates.get(target, 0) + count
        numbers = [list(updates).index(reshaping.target_mask(mask)) for mask in census.updates]
        self._conn.execute(reshaping.carry(numbers), prepare=False)
        return Census(census.inserts, census.deletes, updates)

    def _reconcile(self, staging: Staging, census: Census, manner: Manner) -> tuple[Census, int]:
        """Bring the stage into line with the target; return what it holds, and how many rows that took."""
        masks = tuple(census.updates)
        surprises = 0
        for statement in reconcile(staging, masks, manner):
            surprises += self._conn.execute(statement, prepare=False).rowcount
        found = Census(0, 0, dict.fromkeys(masks, 0))
        for op, mask, count in self._conn.execute(count_staged(staging)).fetchall():
            match op:
                case "I":
                    found.inserts = count
                case "D":
                    found.deletes = count
                case _:
                    found.updates[masks[mask]] = count
        return found, surprises

    @staticmethod
    def _steps(staging: Staging, census: Census) -> Iterator[_Step]:
        if census.deletes:
            yield _Step("D", census.deletes, staging.delete())
        for number, (mask, count) in enumerate(census.updates.items()):
            statement = staging.update(number, mask)
            if count and statement:
                yield _Step("U", count, statement)
            elif count and staging.fixed:
                raise _Shortfall("U", count, 0)
        if census.inserts:
            yield _Step("I", census.inserts, staging.insert("I"))

    def _replace(self, staging: Staging, census: Census) -> None:
        for number, (mask, count) in enumerate(census.updates.items()):
            if mask and count:
                self._conn.execute(staging.complete(number, mask))
        try:
            updates = sum(census.updates.values())
            self._run(
                staging,
                (
                    _Step("U", census.deletes + updates, staging.delete_touched()),
                    _Step("I", census.inserts + updates, staging.insert("IU")),
                ),
            )
        except _COLLISIONS as error:
            raise RowExists(
                f"Table {staging.target} holds a row that stands in the way of a row from the source: "
                f"{error.diag.message_detail or error} Nothing of the batch was applied.",
                remedy=_INTRUDER,
            ) from error
        except _Shortfall as shortfall:
            raise self._row_missing(staging, shortfall) from None

    def _write_keyless(
        self, relation: RelationMessage, net: NetChanges, types: Mapping[int, QualifiedName]
    ) -> int:
        layout = self._stages.layout(relation, net, types)
        staging = layout.staging
        added, removed = net.copies()
        if not removed and layout.goes_straight and self._add(layout, net.plain(), added):
            return added
        self._stages.fill(layout, net.staged(False), len(net))
        if layout.reshaping is not None:
            self._conn.execute(layout.reshaping.carry(), prepare=False)
            added, removed = self._conn.execute(staging.count_keyless()).fetchall()[0]
        if removed:
            self._remove_keyless(relation.name, layout, removed)
        if added:
            self._run(staging, [_Step("I", added, staging.insert_keyless())])
        return int(added + removed)

    def _remove_keyless(self, table: QualifiedName, layout: Layout, wanted: int) -> None:
        self._conn.execute("SET LOCAL enable_hashjoin = on")
        found = self._conn.execute(layout.staging.delete_keyless()).rowcount
        self._conn.execute("SET LOCAL enable_hashjoin = off")
        if found == wanted:
            return
        if layout.manner.missing is Missing.FAIL:
            raise _missing(layout.staging, _Shortfall("D", wanted, found), "")
        if not layout.manner.expected:
            self.conflicts[table] += wanted - found

    def _add(self, layout: Layout, blocks: Iterator[bytes], wanted: int) -> bool:
        """Copy rows straight into their table; False where only staged ones can be put in, or refused."""
        try:
            with self._shield():
                found = self._stages.copy(layout.staging.copy_rows(layout.form), blocks)
                self._require_added(layout.staging, wanted, found)
        except _NOT_BY_COPY as error:
            if not self._wary:
                raise _Obstacle from error
            return False
        return True

    def _run(self, staging: Staging, steps: Iterable[_Step]) -> None:
        """Run statements at once: for small ones, waiting for the answers takes longer than the work."""
        run = tuple(steps)
        if not run:
            return
        try:
            with self._shield():
                cursor = self._conn.execute("; ".join(step.statement for step in run), prepare=False)
                for step in run:
                    self._require(staging, step, cursor.rowcount)
                    cursor.nextset()
        except (*_COLLISIONS, _Shortfall) as error:
            if not self._wary:
                raise _Obstacle from error
            raise

    def _shield(self) -> AbstractContextManager[object]:
        return self._conn.transaction() if self._wary else nullcontext()

    def _require(self, staging: Staging, step: _Step, found: int) -> None:
        if step.op == "I":
            self._require_added(staging, step.wanted, found)
        elif found != step.wanted:
            raise _Shortfall(step.op, step.wanted, found)

    @staticmethod
    def _require_added(staging: Staging, wanted: int, found: int) -> None:
        if found != wanted:
            raise StatementFailed(
                f"Table {staging.target} took {found} of {wanted} inserted rows. Nothing of the batch was "
                "applied.",
                remedy="Look for a trigger or a rule on the target's table that drops rows, and remove it.",
            )

    def _row_missing(self, staging: Staging, shortfall: _Shortfall) -> RowMissing:
        row = self._conn.execute(staging.missing()).fetchone()
        names = (staging.columns[place].name for place in staging.key)
        key = ", ".join(f"{name} = {value}" for name, value in zip(names, row or (), strict=False))
        return _missing(staging, shortfall, f", e.g. the one with {key}" if key else "")


def _missing(staging: Staging, shortfall: _Shortfall, example: str) -> RowMissing:
    verb = "deleted" if shortfall.op == "D" else "changed"
    return RowMissing(
        f"Table {staging.target} holds {shortfall.found} of {shortfall.wanted} rows that the source "
        f"{verb}{example}. Nothing of the batch was applied.",
        remedy=_INTRUDER,
    )
