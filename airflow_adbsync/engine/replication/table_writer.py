"""Carrying one table's net changes over to the target, in the session's open transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import psycopg

from airflow_adbsync.engine.catalog import empty_search_path, query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.errors import RowExists, RowMissing, StatementFailed
from airflow_adbsync.engine.model import Distribution, DistributionPolicy, QualifiedName, Relation
from airflow_adbsync.engine.replication.batch import TableChanges
from airflow_adbsync.engine.replication.encoding import (
    Census,
    encode_keyed,
    encode_keyless,
    encode_rows,
    take_census,
)
from airflow_adbsync.engine.replication.messages import RelationMessage
from airflow_adbsync.engine.replication.net_change import KeyedChanges, KeylessChanges
from airflow_adbsync.engine.replication.staging import Staging
from airflow_adbsync.engine.replication.target_table import FIRST_NAMED_OID, TargetColumn, TargetTable

# Where rows lie on segments, a join is planned from counts; below this a guess is as good.
_ANALYZE_FROM = 1_000
# At each commit every staging table is emptied, used or not, which takes half a millisecond.
_MOST_STAGES = 100
_COLLISIONS = (psycopg.errors.UniqueViolation, psycopg.errors.ExclusionViolation)
# Tables that COPY does not write into, e.g. those with row security, take an INSERT.
_NOT_BY_COPY = (*_COLLISIONS, psycopg.errors.FeatureNotSupported, psycopg.errors.WrongObjectType)
_HERE = "SAVEPOINT adbsync_table"
_BACK = "ROLLBACK TO SAVEPOINT adbsync_table; RELEASE SAVEPOINT adbsync_table"
_DONE = "RELEASE SAVEPOINT adbsync_table"


class _Shortfall(Exception):
    """A statement found fewer rows than the source had changed."""

    def __init__(self, op: str, wanted: int, found: int) -> None:
        super().__init__(op, wanted, found)
        self.op, self.wanted, self.found = op, wanted, found


class _Step(NamedTuple):
    """A statement, and how many rows it must touch."""

    op: str
    wanted: int
    statement: str


class TableWriter:
    """Owns the session's staging tables: one for each shape of a table, those used last; made on need.

    Where rows are only added, they go straight into their table.
    """

    def __init__(
        self, conn: Connection, relations: Mapping[QualifiedName, Relation], target: Capabilities
    ) -> None:
        self._conn = conn
        self._can = target
        self._relations = relations
        self._stages: dict[RelationMessage, Staging] = {}
        self._named = 0
        self._made: set[str] = set()
        self._used: set[str] = set()

    def committed(self) -> None:
        """The transaction ended, and with it the staging tables' rows (ON COMMIT DELETE ROWS)."""
        self._used.clear()

    def write(self, changes: TableChanges, types: Mapping[int, QualifiedName]) -> int:
        """Apply a table's net changes; return how many rows they touched.

        Raises:
            RelationDrifted: the source's columns are no longer the target's.
            RowMissing: a changed row is not there.
            RowExists: an inserted row is there already.
        """
        if not len(changes.net):
            return 0
        if isinstance(changes.net, KeyedChanges):
            return self._write_keyed(changes.relation, changes.net, types)
        return self._write_keyless(changes.relation, changes.net, types)

    def _write_keyed(
        self, relation: RelationMessage, net: KeyedChanges, types: Mapping[int, QualifiedName]
    ) -> int:
        staging = self._layout(relation, net.key, types)
        census = take_census(net)
        if census.only_inserts and self._add(staging, encode_rows(net), census.inserts):
            return len(net)
        spread = staging.distribution is not None
        self._fill(staging, encode_keyed(net, census, len(staging.columns), spread=spread), len(net))
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
        return len(net)

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
                remedy="Something else writes to the target's table: stop that, then load the table again.",
            ) from error
        except _Shortfall as shortfall:
            raise self._row_missing(staging, shortfall) from None

    def _write_keyless(
        self, relation: RelationMessage, net: KeylessChanges, types: Mapping[int, QualifiedName]
    ) -> int:
        staging = self._layout(relation, (), types)
        counts = [count for _, count in net.rows()]
        added = sum(count for count in counts if count > 0)
        removed = added - sum(counts)
        if not removed and self._add(staging, encode_rows(net), added):
            return added
        self._fill(staging, encode_keyless(net), len(net))
        try:
            if removed:
                self._conn.execute("SET LOCAL enable_hashjoin = on")
                self._run(staging, [_Step("D", removed, staging.delete_keyless())])
                self._conn.execute("SET LOCAL enable_hashjoin = off")
        except _Shortfall as shortfall:
            raise _missing(staging, shortfall, "") from None
        if added:
            self._run(staging, [_Step("I", added, staging.insert_keyless())])
        return added + removed

    def _add(self, staging: Staging, blocks: Iterator[bytes], wanted: int) -> bool:
        """Copy rows straight into their table; False where that can only be done, or refused, by way of a stage."""
        if not staging.columns:
            return False
        try:
            with self._conn.transaction():
                self._require_added(staging, wanted, self._copy(staging.copy_rows(), blocks))
        except _NOT_BY_COPY:
            return False
        return True

    def _run(self, staging: Staging, steps: Iterable[_Step]) -> None:
        """Run statements at once: for small ones, waiting for the answers takes longer than the work."""
        run = tuple(steps)
        statements = "; ".join([_HERE, *(step.statement for step in run)])
        try:
            cursor = self._conn.execute(statements, prepare=False)
            for step in run:
                cursor.nextset()
                self._require(staging, step, cursor.rowcount)
        except (*_COLLISIONS, _Shortfall):
            self._conn.execute(_BACK, prepare=False)
            raise
        self._conn.execute(_DONE)

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

    def _layout(
        self, relation: RelationMessage, key: tuple[int, ...], types: Mapping[int, QualifiedName]
    ) -> Staging:
        staging = self._stages.pop(relation, None)
        if staging is None:
            self._drop_oldest()
            here = self._types_here(relation, types)
            name = f"adbsync_stage_{self._named}"
            self._named += 1
            staging = self._read_table(relation.name).staging(relation, key, name, here)
        self._stages[relation] = staging
        return staging

    def _drop_oldest(self) -> None:
        """Make room: a dictionary keeps its order, and what is used is put in anew."""
        if len(self._stages) >= _MOST_STAGES:
            oldest = self._stages.pop(next(iter(self._stages))).stage
            if oldest in self._made:
                self._conn.execute(f"DROP TABLE {oldest}")
                self._made.remove(oldest)

    def _fill(self, staging: Staging, blocks: Iterator[bytes], rows: int) -> None:
        """Make the staging table, or empty it, and copy the rows into it."""
        stage = staging.stage
        if stage not in self._made:
            self._conn.execute(staging.create())
            self._made.add(stage)
        elif stage in self._used:
            self._conn.execute(f"TRUNCATE {stage}")
        self._used.add(stage)
        self._copy(staging.copy(), blocks)
        if rows >= _ANALYZE_FROM and self._can.distributed:
            self._conn.execute(f"ANALYZE {stage}")

    def _copy(self, statement: str, blocks: Iterator[bytes]) -> int:
        """Return how many rows the server took."""
        with self._conn.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for block in blocks:
                    copy.write(block)
            return cursor.rowcount

    def _read_table(self, name: QualifiedName) -> TargetTable:
        relation = self._relations[name]
        with empty_search_path(self._conn):
            rows = self._conn.execute(query(__package__, "target_columns"), {"oid": relation.oid}).fetchall()
        return TargetTable(relation, tuple(TargetColumn(*row) for row in rows), self._distribution(relation))

    def _distribution(self, relation: Relation) -> Distribution | None:
        if not self._can.distributed:
            return None
        asked = {"oid": relation.oid}
        row = self._conn.execute(query(__package__, "target_distribution"), asked).fetchone()
        return Distribution(DistributionPolicy(row[0]), tuple(row[1])) if row else None

    def _types_here(
        self, relation: RelationMessage, types: Mapping[int, QualifiedName]
    ) -> dict[int, int | None]:
        """Find the target's oids of the types that are not built in, by their names."""
        oids = {column.type_oid for column in relation.columns if column.type_oid >= FIRST_NAMED_OID}
        found: dict[int, int | None] = {}
        for oid in oids & types.keys():
            row = self._conn.execute("SELECT to_regtype(%s)::oid::bigint", (types[oid].sql,)).fetchone()
            found[oid] = row[0] if row else None
        return found


def _missing(staging: Staging, shortfall: _Shortfall, example: str) -> RowMissing:
    verb = "deleted" if shortfall.op == "D" else "changed"
    return RowMissing(
        f"Table {staging.target} holds {shortfall.found} of {shortfall.wanted} rows that the source "
        f"{verb}{example}. Nothing of the batch was applied.",
        remedy="Something else writes to the target's table: stop that, then load the table again.",
    )
