"""Tables that the target has already and that are kept: whether they fit, and what differs; pure.

A kept table is left wholly as it is: nothing is made on it, nothing of it is changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from airflow_adbsync.engine.model import Finding, QualifiedName, Status, quote_identifier
from airflow_adbsync.engine.schema.definitions import (
    ColumnDefinition,
    ConstraintDefinition,
    Definitions,
    FiringDefinition,
    TableDefinition,
)
from airflow_adbsync.engine.schema.inventory import Inventory
from airflow_adbsync.engine.schema.kind import Kind
from airflow_adbsync.engine.schema.renaming import Names, rewritten

CHECK = "conflicting_tables"
_DROP = "Drop or rename it on the target, or exclude the table."


@dataclass(frozen=True, slots=True)
class There:
    """What the target has in the schemas that the sync makes things in; ``filled`` are tables with rows."""

    definitions: Definitions
    inventory: Inventory
    filled: frozenset[QualifiedName] = frozenset()


@dataclass(frozen=True, slots=True)
class Keeping:
    """``definitions``: what is to be made, with the kept tables named apart; ``pairs``: these, as either side
    defines them, ``kept_firing`` their triggers and rules; ``renamed`` are those that, or whose columns, have
    other names there; ``findings``: FAILED where a table doesn't fit."""

    definitions: Definitions
    kept_firing: tuple[FiringDefinition, ...] = ()
    pairs: tuple[tuple[TableDefinition, TableDefinition], ...] = ()
    renamed: tuple[QualifiedName, ...] = ()
    findings: tuple[Finding, ...] = ()


def keep(
    definitions: Definitions, source: Inventory, there: There, done: Collection[str], names: Names
) -> Keeping:
    """Find the tables that are there and that this sync has not made (``done`` are its statements)."""
    known = {table.name: table for table in there.definitions.tables}
    pairs = tuple(
        (table, known[names.relation(table.name)])
        for table in definitions.tables
        if names.relation(table.name) in known and f"table {table.name}" not in done
    )
    kept = {ours.oid for ours, _ in pairs}
    below = _below(definitions, kept)
    remaining = _without(definitions, source, kept | below)
    known_as = tuple((_renamed(ours, names), theirs) for ours, theirs in pairs)
    usable, unusable = _references(remaining, known_as)
    findings = (
        *(found for ours, theirs in known_as if ours.oid not in below for found in _misfits(ours, theirs)),
        *_alone(definitions, kept),
        *_taken(definitions, there.inventory, done, names),
        *unusable,
    )
    return Keeping(
        usable,
        tuple(item for item in definitions.firing if item not in remaining.firing),
        tuple(pair for pair in pairs if pair[0].oid not in below),
        tuple(
            ours.name for ours, theirs in pairs if _renamed(ours, names) != ours or ours.name != theirs.name
        ),
        findings,
    )


def _below(definitions: Definitions, kept: Collection[int]) -> set[int]:
    """The partitions of kept tables: where rows go on the target is the target's."""
    tables = {table.oid: table for table in definitions.tables}

    def has_kept_root(table: TableDefinition) -> bool:
        while table.partition_bound is not None and table.parents and table.parents[0] in tables:
            table = tables[table.parents[0]]
            if table.oid in kept:
                return True
        return False

    return {table.oid for table in definitions.tables if has_kept_root(table)}


def _without(definitions: Definitions, source: Inventory, gone: Collection[int]) -> Definitions:
    names = {table.name for table in definitions.tables if table.oid in gone}
    return replace(
        definitions,
        tables=tuple(table for table in definitions.tables if table.oid not in gone),
        kept=tuple(table for table in definitions.tables if table.oid in gone),
        firing=tuple(item for item in definitions.firing if item.table not in names),
        written=tuple(
            item
            for item in definitions.written
            if item.kind not in {Kind.POLICY, Kind.STATISTICS} or source.items[item.object].owner not in gone
        ),
    )


def _renamed(table: TableDefinition, names: Names) -> TableDefinition:
    """With the names and types that its columns have on the target, and the source's name of the table."""

    def called(column: str) -> str:
        return names.shapes.column(table.name, column) if names.shapes else column

    return replace(
        table,
        columns=tuple(
            replace(item, name=item.extra or called(item.name), type=rewritten(item.type, names))
            for item in table.columns
        ),
        constraints=tuple(
            replace(item, columns=tuple(map(called, item.columns))) for item in table.constraints
        ),
    )


def _misfits(ours: TableDefinition, theirs: TableDefinition) -> Iterator[Finding]:
    known = {column.name: column for column in theirs.columns}
    for column in ours.columns:
        found = known.pop(column.name, None)
        if reason := _misfit(column, found):
            yield _refused(ours.name, theirs.name, reason, _mend(theirs.name, column, found))
    for name in known:
        yield _refused(
            ours.name,
            theirs.name,
            f"column {name} is only there, where nobody could tell it from one that the source has dropped",
            f"ALTER TABLE {theirs.name.sql} DROP COLUMN {quote_identifier(name)};, or declare it in "
            f"`tables.{ours.name}.extra`.",
        )


def _misfit(ours: ColumnDefinition, theirs: ColumnDefinition | None) -> str:
    if theirs is None:
        return f"column {ours.name} is missing"
    if bool(ours.generated) != bool(theirs.generated):
        return f"column {ours.name} is generated on the {'source' if ours.generated else 'target'} only"
    if ours.type != theirs.type:
        return f"column {ours.name} is {theirs.type} instead of {ours.type}"
    if theirs.not_null and not ours.not_null:
        return f"column {ours.name} takes no NULL, which the source may hold"
    return ""


def _mend(table: QualifiedName, ours: ColumnDefinition, theirs: ColumnDefinition | None) -> str:
    column = quote_identifier(ours.name)
    if theirs is None:
        return f"ALTER TABLE {table.sql} ADD COLUMN {column} {ours.type};"
    if bool(ours.generated) != bool(theirs.generated):
        return _DROP
    if ours.type != theirs.type:
        return f"ALTER TABLE {table.sql} ALTER COLUMN {column} TYPE {ours.type};"
    return f"ALTER TABLE {table.sql} ALTER COLUMN {column} DROP NOT NULL;"


def _alone(definitions: Definitions, kept: Collection[int]) -> Iterator[Finding]:
    """A partition whose root is made anew can't be both kept and attached."""
    made = {table.oid for table in definitions.tables} - set(kept)
    for table in definitions.tables:
        if table.oid in kept and table.partition_bound is not None and table.parents[0] in made:
            yield _refused(
                table.name, table.name, "it is a partition on the source, and its root is not there", _DROP
            )


def _taken(
    definitions: Definitions, there: Inventory, done: Collection[str], called: Names
) -> Iterator[Finding]:
    names = {called.relation(table.name): table.name for table in definitions.tables}
    for item in there.items.values():
        taken = item.id.catalog == "pg_class" and item.kind is not Kind.TABLE and str(item) not in done
        if taken and item.name in names:
            yield _refused(names[item.name], item.name, f"the target has a {item.kind} of that name", _DROP)


def _references(
    definitions: Definitions, pairs: tuple[tuple[TableDefinition, TableDefinition], ...]
) -> tuple[Definitions, list[Finding]]:
    """Foreign keys to kept tables need a unique key there."""
    keys = {
        ours.oid: (_key_columns(ours), frozenset(_key_columns(theirs).values())) for ours, theirs in pairs
    }
    lost: list[Finding] = []

    def stands(table: TableDefinition, item: ConstraintDefinition) -> bool:
        if item.kind != "f" or item.referenced not in keys:
            return True
        ours, theirs = keys[item.referenced]
        if ours.get(item.index) in theirs:
            return True
        lost.append(
            Finding(
                CHECK,
                Status.ALERT,
                f"{table.name}: foreign key {item.name} is left out, for the table that it refers to is kept "
                "and has no such unique key.",
                "Make the unique key on the target before the schema phase, or do without.",
                str(table.name),
            )
        )
        return False

    tables = tuple(
        replace(table, constraints=tuple(item for item in table.constraints if stands(table, item)))
        for table in definitions.tables
    )
    return replace(definitions, tables=tables), lost


def _key_columns(table: TableDefinition) -> Mapping[int, frozenset[str]]:
    return {item.index: frozenset(item.columns) for item in table.constraints if item.kind in "pu"}


def _refused(table: QualifiedName, called: QualifiedName, reason: str, remedy: str) -> Finding:
    return Finding(
        CHECK, Status.FAILED, f"Table {called} of the target can't be kept: {reason}.", remedy, str(table)
    )
