"""Primary keys, unique and exclusion constraints, foreign keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.schema.ddl.text import part_of
from airflow_adbsync.engine.schema.definitions import ConstraintDefinition, TableDefinition
from airflow_adbsync.engine.schema.identity import constraint, relation
from airflow_adbsync.engine.schema.statement import Draft, Section

_WORDS = {"p": "primary key", "u": "unique constraint", "x": "exclusion constraint", "f": "foreign key"}
_NOT_VALID = " NOT VALID"


def constraint_drafts(
    tables: Mapping[int, TableDefinition],
    target: Capabilities,
    known: Mapping[int, TableDefinition] | None = None,
) -> Iterator[Draft]:
    """Every constraint but the checks; foreign keys to tables that are not ``known`` are left out."""
    known = known or tables
    for table in tables.values():
        for item in filter(partial(is_known, target=target), table.constraints):
            if item.kind in "pu" or (item.kind == "x" and target.exclusion_constraints):
                yield _key(table, item)
            elif item.kind == "f" and item.referenced in known and not item.derived:
                yield from _foreign_key(table, known[item.referenced], item, target)


def is_known(item: ConstraintDefinition, target: Capabilities) -> bool:
    """Whether the target has constraints of that make."""
    return (
        (item.enforced or target.unenforced_constraints)
        and (not item.temporal or target.temporal_keys)
        and (item.kind != "n" or target.not_null_constraints)
    )


def _key(table: TableDefinition, item: ConstraintDefinition) -> Draft:
    return Draft(
        _object(table, item),
        Section.KEY,
        # A key that the source has not comes to partitions from their root.
        _add(table, item, "" if item.oid < 0 and table.kind == "p" else "ONLY "),
        makes=frozenset({constraint(item.oid), relation(item.index)}),
        needs=frozenset({relation(table.oid)}),
        reads=table.name,
    )


def _foreign_key(
    table: TableDefinition, referenced: TableDefinition, item: ConstraintDefinition, target: Capabilities
) -> Iterator[Draft]:
    """Added without looking at the rows, and validated apart.

    Each table is loaded under a snapshot of its own, so until replication has caught up a row can lack the
    row that it refers to. Partitioned tables don't take NOT VALID before 18: there both are one.
    """
    name, sql = _object(table, item), _add(table, item, "")
    needs = frozenset({relation(table.oid), relation(referenced.oid), relation(item.index)})
    makes = frozenset({constraint(item.oid)})
    if not item.validated or not target.foreign_keys_enforced:
        yield Draft(name, Section.FOREIGN_KEY, sql, makes, needs)
    elif table.kind == "p":
        yield Draft(name, Section.VALIDATION, sql, makes, needs)
    else:
        yield Draft(name, Section.FOREIGN_KEY, sql + _NOT_VALID, makes, needs)
        yield Draft(
            f"validation of {name}",
            Section.VALIDATION,
            f"ALTER TABLE {table.name.sql} VALIDATE CONSTRAINT {quote_identifier(item.name)}",
            needs=makes,
            reads=table.name,
        )


def _add(table: TableDefinition, item: ConstraintDefinition, only: str) -> str:
    name = quote_identifier(item.name)
    return f"ALTER TABLE {only}{table.name.sql} ADD CONSTRAINT {name} {item.definition}"


def _object(table: TableDefinition, item: ConstraintDefinition) -> str:
    return f"{_WORDS[item.kind]} {part_of(quote_identifier(item.name), table.name)}"
