"""CREATE TABLE with all that the load needs: columns, defaults, identity, generated columns, checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.dialect import Capabilities, placement_clauses
from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.schema.ddl.inheritance import Lineage
from airflow_adbsync.engine.schema.ddl.keys import is_known
from airflow_adbsync.engine.schema.ddl.sequences import options as sequence_options
from airflow_adbsync.engine.schema.ddl.text import lines, part_of, using, with_options
from airflow_adbsync.engine.schema.definitions import (
    ColumnDefinition,
    ConstraintDefinition,
    SequenceDefinition,
    TableDefinition,
)
from airflow_adbsync.engine.schema.identity import ObjectId, constraint, default, relation
from airflow_adbsync.engine.schema.placement import NOWHERE_SPECIAL, Placements
from airflow_adbsync.engine.schema.statement import Draft, Section


def table_drafts(
    tables: Mapping[int, TableDefinition],
    sequences: Sequence[SequenceDefinition],
    target: Capabilities,
    split: frozenset[int] = frozenset(),
    placements: Placements = NOWHERE_SPECIAL,
    *,
    known: Mapping[int, TableDefinition] | None = None,
) -> Iterator[Draft]:
    """Every table; ``known`` are all that it can inherit from.

    Defaults and checks of ``split`` tables become statements of their own: what they need needs the table.
    """
    identities = {(item.table, item.column): item for item in sequences if item.identity}
    writer = _Writer(Lineage(known or tables, split), identities, target, placements)
    for table in tables.values():
        yield from writer.drafts(table)


@dataclass(frozen=True, slots=True)
class _Writer:
    lineage: Lineage
    identities: Mapping[tuple[int, str], SequenceDefinition]
    target: Capabilities
    placements: Placements = NOWHERE_SPECIAL

    def drafts(self, table: TableDefinition) -> Iterator[Draft]:
        columns, checks = list(self.lineage.written(table)), self._checks(table)
        valid = [check for check in checks if check.validated]
        apart = table.oid in self.lineage.split
        yield self._create(table, columns, () if apart else valid)
        if apart:
            yield from (_default(table, column) for column in columns if self._has_default(table, column))
            yield from (_check(table, check, Section.CHECK) for check in valid)
        for column, origin in self.lineage.differing(table):
            if column.default != origin.default:
                yield _default(table, column)
            said = column.not_null_local and self.target.not_null_constraints
            if column.not_null and not origin.not_null and not said:
                yield _not_null(table, column)
        late = (check for check in checks if check.local and not check.validated)
        yield from (_check(table, check, Section.LATE_CHECK) for check in late)
        yield from self._attachment(table)

    def _checks(self, table: TableDefinition) -> list[ConstraintDefinition]:
        return [check for check in self.lineage.checks(table) if is_known(check, self.target)]

    def _create(
        self,
        table: TableDefinition,
        columns: Sequence[ColumnDefinition],
        checks: Sequence[ConstraintDefinition],
    ) -> Draft:
        parents = self.lineage.parents(table)
        entries = [self._column(table, column) for column in columns]
        if self.target.not_null_constraints:
            entries += map(_own_not_null, self.lineage.own_not_nulls(table))
        entries += [f"CONSTRAINT {quote_identifier(check.name)} {check.definition}" for check in checks]
        inherits = f" INHERITS ({', '.join(parent.name.sql for parent in parents)})" if parents else ""
        return Draft(
            f"table {table.name}",
            Section.TABLE,
            f"CREATE TABLE {table.name.sql} {lines(entries)}{inherits}{self._tail(table)}",
            makes=frozenset(self._made(table, columns, checks)),
            needs=frozenset(relation(parent.oid) for parent in parents),
            home=table.name.schema,
        )

    def _column(self, table: TableDefinition, column: ColumnDefinition) -> str:
        words = [quote_identifier(column.name), column.type]
        if column.collation:
            words.append(f"COLLATE {column.collation}")
        if column.generated:
            words.append(f"GENERATED ALWAYS AS ({column.default}) {self._storage(column)}")
        elif identity := self._identity(table, column):
            words.append(identity)
        elif column.default is not None and table.oid not in self.lineage.split:
            words.append(f"DEFAULT {column.default}")
        if column.not_null:
            words.append(column.not_null_constraint if self.target.not_null_constraints else "NOT NULL")
        if encoding := self.placements.place(table.oid).encodings.get(column.name):
            words.append(f"ENCODING ({', '.join(encoding)})")
        return " ".join(words)

    def _storage(self, column: ColumnDefinition) -> str:
        return "VIRTUAL" if column.generated == "v" and self.target.virtual_generated_columns else "STORED"

    def _identity(self, table: TableDefinition, column: ColumnDefinition) -> str:
        sequence = self.identities.get((table.oid, column.name))
        if not column.identity or sequence is None:
            return ""
        when = "ALWAYS" if column.identity == "a" else "BY DEFAULT"
        options = f"SEQUENCE NAME {sequence.name.sql} {sequence_options(sequence)}"
        return f"GENERATED {when} AS IDENTITY ({options})"

    def _has_default(self, table: TableDefinition, column: ColumnDefinition) -> bool:
        return column.default is not None and not column.generated and not self._identity(table, column)

    def _made(
        self,
        table: TableDefinition,
        columns: Sequence[ColumnDefinition],
        checks: Sequence[ConstraintDefinition],
    ) -> Iterator[ObjectId]:
        yield relation(table.oid)
        yield from (constraint(check.oid) for check in checks)
        for column in columns:
            if column.default_oid and (column.generated or table.oid not in self.lineage.split):
                yield default(column.default_oid)
            if sequence := self.identities.get((table.oid, column.name)):
                yield relation(sequence.oid)

    def _tail(self, table: TableDefinition) -> str:
        partition = f" PARTITION BY {table.partition_key}" if table.partition_key else ""
        place = self.placements.place(table.oid)
        options = with_options(table.options if place.options is None else place.options)
        if place.storage is None:
            options = f"{using(table.access_method)}{options}"
        return f"{partition}{placement_clauses(place.storage, options, place.distribution)}"

    def _attachment(self, table: TableDefinition) -> Iterator[Draft]:
        roots = [self.lineage.tables[oid] for oid in table.parents if oid in self.lineage.tables]
        if table.partition_bound is None or not roots:
            return
        root = roots[0]
        yield Draft(
            f"partition {part_of(str(table.name), root.name)}",
            Section.PARTITION,
            f"ALTER TABLE ONLY {root.name.sql} ATTACH PARTITION {table.name.sql} {table.partition_bound}",
            needs=frozenset({relation(table.oid), relation(root.oid)}),
        )


def _own_not_null(column: ColumnDefinition) -> str:
    before, words, after = column.not_null_constraint.partition("NOT NULL")
    return f"{before}{words} {quote_identifier(column.name)}{after}"


def _default(table: TableDefinition, column: ColumnDefinition) -> Draft:
    name = quote_identifier(column.name)
    action = "DROP DEFAULT" if column.default is None else f"SET DEFAULT {column.default}"
    return Draft(
        f"default of column {part_of(name, table.name)}",
        Section.DEFAULT,
        f"ALTER TABLE ONLY {table.name.sql} ALTER COLUMN {name} {action}",
        makes=frozenset({default(column.default_oid)} if column.default_oid else ()),
        needs=frozenset({relation(table.oid)}),
    )


def _not_null(table: TableDefinition, column: ColumnDefinition) -> Draft:
    name = quote_identifier(column.name)
    return Draft(
        f"not null of column {part_of(name, table.name)}",
        Section.CHECK,
        f"ALTER TABLE {table.name.sql} ALTER COLUMN {name} SET NOT NULL",
        needs=frozenset({relation(table.oid)}),
    )


def _check(table: TableDefinition, check: ConstraintDefinition, section: Section) -> Draft:
    name = quote_identifier(check.name)
    return Draft(
        f"check {part_of(name, table.name)}",
        section,
        f"ALTER TABLE {table.name.sql} ADD CONSTRAINT {name} {check.definition}",
        makes=frozenset({constraint(check.oid)}),
        needs=frozenset({relation(table.oid)}),
    )
