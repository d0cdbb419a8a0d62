"""The session's staging tables: laid out for each shape of a table, made on need, filled by COPY."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from airflow_adbsync.engine.catalog import empty_search_path, may_drop_rows, portable_types, query
from airflow_adbsync.engine.config import ConflictRule
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.model import Distribution, DistributionPolicy, QualifiedName, Relation
from airflow_adbsync.engine.replication.batch import TableChanges
from airflow_adbsync.engine.replication.by_arrays import ByArrays, by_arrays
from airflow_adbsync.engine.replication.decoder import text_needed
from airflow_adbsync.engine.replication.folding import NetChanges
from airflow_adbsync.engine.replication.manner import Manner, manner_of
from airflow_adbsync.engine.replication.messages import RelationMessage
from airflow_adbsync.engine.replication.reshaping import Reshaping
from airflow_adbsync.engine.replication.staging import Staging
from airflow_adbsync.engine.replication.target_table import FIRST_NAMED_OID, TargetColumn, TargetTable
from airflow_adbsync.engine.shape import SentShape, Shapes

# Where rows lie on segments, a join is planned from counts; below this a guess is as good.
_ANALYZE_FROM = 1_000
# At each commit every staging table is emptied, used or not, which takes half a millisecond.
_MOST_STAGES = 100


@dataclass(frozen=True, slots=True)
class Layout:
    """How tuples of one shape, in one form, reach their table: by ``staging``, and before it, where they
    change, by ``reshaping``; a few of them past it, ``by_arrays``.

    ``counted``: what COPY says that the table took is what it took.
    """

    staging: Staging
    manner: Manner
    form: str
    reshaping: Reshaping | None = None
    by_arrays: ByArrays | None = None
    counted: bool = True

    @property
    def goes_straight(self) -> bool:
        """Tell whether new rows may be copied into the table itself."""
        return bool(
            self.staging.columns and self.reshaping is None and self.counted and not self.manner.expected
        )


class Stages:
    """One layout for each shape of a table, those used last.

    ``relations`` and ``lately`` (columns that the target was given for what comes later) go by the source's
    names.
    """

    def __init__(
        self,
        conn: Connection,
        relations: Mapping[QualifiedName, Relation],
        target: Capabilities,
        shapes: Shapes,
        rule: ConflictRule,
        *,
        lately: Mapping[QualifiedName, Collection[str]],
    ) -> None:
        self._conn = conn
        self._relations = relations
        self._can = target
        self._shapes = shapes
        self._rule = rule
        self._lately = lately
        self._layouts: dict[tuple[RelationMessage, bool], Layout] = {}
        self._portable: dict[int, bool] = {}
        self._named = 0
        self._made: set[str] = set()
        self._used: set[str] = set()
        self._columns: dict[int, list[TargetColumn]] = {}

    def committed(self) -> None:
        """The transaction ended, and with it the staging tables' rows (ON COMMIT DELETE ROWS)."""
        self._used.clear()

    def mark(self) -> tuple[set[str], set[str]]:
        """Which tables there are, and which hold rows: what a rollback leads back to."""
        return self._made.copy(), self._used.copy()

    def go_back(self, mark: tuple[set[str], set[str]]) -> None:
        """The transaction was rolled back to where the mark was made."""
        self._made, self._used = mark

    def foresee(self, tables: Iterable[TableChanges]) -> None:
        """Read at once what the layouts that are still to be made begin with."""
        self._columns.clear()
        fresh = {
            self._relations[each.relation.name].oid
            for each in tables
            if (each.relation, each.net.binary) not in self._layouts
        }
        if fresh:
            self._read_columns(fresh)

    def layout(
        self, relation: RelationMessage, net: NetChanges, types: Mapping[int, QualifiedName]
    ) -> Layout:
        """Find or make the layout.

        Raises:
            TextNeeded: the changes are binary, and a type is not the same here in this form.
        """
        layout = self._layouts.pop((relation, net.binary), None)
        if layout is None:
            self._drop_oldest()
            layout = self._lay_out(relation, net, types)
        self._layouts[relation, net.binary] = layout
        return layout

    def fill(self, layout: Layout, blocks: Iterator[bytes], rows: int) -> None:
        """Copy encoded tuples into the staging table, or, where they are reshaped, into the raw one."""
        staging, reshaping = layout.staging, layout.reshaping
        self._empty(staging.stage, staging.create())
        if reshaping is not None:
            self._empty(reshaping.raw, reshaping.create())
        self.copy((reshaping or staging).copy(layout.form), blocks)
        if rows >= _ANALYZE_FROM and self._can.distributed and reshaping is None:
            self._conn.execute(f"ANALYZE {staging.stage}")

    def copy(self, statement: str, blocks: Iterator[bytes]) -> int:
        """Return how many rows the server took."""
        with self._conn.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for block in blocks:
                    copy.write(block)
            return cursor.rowcount

    def _lay_out(
        self, relation: RelationMessage, net: NetChanges, types: Mapping[int, QualifiedName]
    ) -> Layout:
        key, form = net.key, "binary" if net.binary else "text"
        here = self._types_here(relation, types)
        shape = self._shapes.sent(relation.name, [column.name for column in relation.columns])
        operations = self._shapes.operations(relation.name)
        manner = manner_of(self._rule, operations, filtered=shape.where is not None)
        table = self._read_table(relation.name)
        lately = self._lately.get(relation.name, ())
        staging = table.staging(relation, key, f"adbsync_stage_{self._named}", here, shape, lately=lately)
        self._named += 1
        if net.binary:
            self._require_portable(relation, here)
        if shape.is_plain:
            counted = self._can.copy_counts_rows or not may_drop_rows(self._conn, table.relation.oid)
            return Layout(staging, manner, form, by_arrays=by_arrays(table, staging), counted=counted)
        return Layout(staging, manner, form, self._reshaping(relation, key, here, shape, staging))

    def _require_portable(self, relation: RelationMessage, here: Mapping[int, int | None]) -> None:
        # What the target does not know has no oid here.
        oids = {here.get(column.type_oid, column.type_oid) or 0 for column in relation.columns}
        fresh = oids - self._portable.keys()
        if fresh:
            self._portable |= dict.fromkeys(fresh, False) | portable_types(self._conn, fresh)
        if not all(self._portable[oid] for oid in oids):
            raise text_needed(f"Table {relation.name}")

    def _reshaping(
        self,
        relation: RelationMessage,
        key: tuple[int, ...],
        types: Mapping[int, int | None],
        shape: SentShape,
        staging: Staging,
    ) -> Reshaping:
        names = tuple(column.name for column in relation.columns)
        written = tuple(
            self._type_name(types.get(column.type_oid, column.type_oid), column.type_modifier)
            for column in relation.columns
        )
        return Reshaping(f"{staging.stage}_raw", names, written, key, shape, staging)

    def _type_name(self, oid: int | None, modifier: int) -> str:
        """As the source has it; what the target does not know is carried as text, or not used at all."""
        row = self._conn.execute("SELECT format_type(%s, %s)", (oid, modifier)).fetchone()
        return str(row[0]) if row and oid is not None and row[0] != "???" else "text"

    def _drop_oldest(self) -> None:
        """Make room: a dictionary keeps its order, and what is used is put in anew."""
        if len(self._layouts) >= _MOST_STAGES:
            oldest = self._layouts.pop(next(iter(self._layouts)))
            for table in (oldest.staging.stage, oldest.reshaping.raw if oldest.reshaping else ""):
                if table in self._made:
                    self._conn.execute(f"DROP TABLE {table}")
                    self._made.remove(table)

    def _empty(self, table: str, create: str) -> None:
        if table not in self._made:
            self._conn.execute(create)
            self._made.add(table)
        elif table in self._used:
            self._conn.execute(f"TRUNCATE {table}")
        self._used.add(table)

    def _read_table(self, name: QualifiedName) -> TargetTable:
        relation = self._relations[name]
        if relation.oid not in self._columns:
            self._read_columns({relation.oid})
        columns = tuple(self._columns.pop(relation.oid, ()))
        return TargetTable(relation, columns, self._distribution(relation))

    def _read_columns(self, oids: Collection[int]) -> None:
        with empty_search_path(self._conn):
            asked = {"oids": sorted(oids)}
            for oid, *row in self._conn.execute(query(__package__, "target_columns"), asked):
                self._columns.setdefault(oid, []).append(TargetColumn(*row))

    def _distribution(self, relation: Relation) -> Distribution | None:
        if not self._can.distributed:
            return None
        asked = {"oid": relation.oid}
        row = self._conn.execute(query(__package__, "target_distribution"), asked).fetchone()
        return Distribution(DistributionPolicy(row[0]), tuple(row[1])) if row else None

    def _types_here(
        self, relation: RelationMessage, types: Mapping[int, QualifiedName]
    ) -> dict[int, int | None]:
        """Find the target's oids of the types that are not built in, by their names.

        An extension's type keeps its name, also where its schema has another one.
        """
        oids = {column.type_oid for column in relation.columns if column.type_oid >= FIRST_NAMED_OID}
        found: dict[int, int | None] = {}
        for oid in oids & types.keys():
            names = (self._shapes.table(types[oid]).sql, types[oid].sql)
            row = self._conn.execute(
                "SELECT coalesce(to_regtype(%s), to_regtype(%s))::oid::bigint", names
            ).fetchone()
            found[oid] = row[0] if row else None
        return found
