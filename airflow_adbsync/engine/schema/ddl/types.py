"""CREATE TYPE and CREATE DOMAIN."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.schema.ddl.text import lines, literal, part_of
from airflow_adbsync.engine.schema.definitions import (
    ColumnDefinition,
    CompositeDefinition,
    DomainDefinition,
    EnumDefinition,
    RangeDefinition,
    TypeDefinition,
)
from airflow_adbsync.engine.schema.identity import constraint, type_
from airflow_adbsync.engine.schema.statement import Draft, Section


def type_drafts(types: Iterable[TypeDefinition], target: Capabilities) -> Iterator[Draft]:
    """Each type, and what of a domain only stands as a statement of its own."""
    for item in types:
        checks = item.constraints if isinstance(item, DomainDefinition) else ()
        inline = [type_(item.oid), *(constraint(check.oid) for check in checks if check.validated)]
        yield Draft(
            f"type {item.name}", Section.TYPE, _create(item, target), frozenset(inline), home=item.name.schema
        )
        for check in checks:
            if not check.validated:
                yield Draft(
                    f"check {part_of(quote_identifier(check.name), item.name)}",
                    Section.LATE_CHECK,
                    f"ALTER DOMAIN {item.name.sql} ADD CONSTRAINT {quote_identifier(check.name)} "
                    f"{check.definition}",
                    makes=frozenset({constraint(check.oid)}),
                    needs=frozenset({type_(item.oid)}),
                )


def _create(item: TypeDefinition, target: Capabilities) -> str:
    match item:
        case EnumDefinition():
            return f"CREATE TYPE {item.name.sql} AS ENUM {lines(map(literal, item.labels))}"
        case CompositeDefinition():
            return f"CREATE TYPE {item.name.sql} AS {lines(map(_field, item.fields))}"
        case RangeDefinition():
            options = (f"{name} = {value}" for name, value in item.options.items() if _knows(target, name))
            return f"CREATE TYPE {item.name.sql} AS RANGE {lines(options)}"
        case DomainDefinition():
            return _domain(item, target)


def _knows(target: Capabilities, option: str) -> bool:
    return option != "multirange_type_name" or target.multiranges


def _field(field: ColumnDefinition) -> str:
    return f"{quote_identifier(field.name)} {field.type}{_collate(field.collation)}"


def _domain(domain: DomainDefinition, target: Capabilities) -> str:
    parts = [f"CREATE DOMAIN {domain.name.sql} AS {domain.base}{_collate(domain.collation)}"]
    if domain.default is not None:
        parts.append(f"DEFAULT {domain.default}")
    if domain.not_null:
        parts.append(domain.not_null_constraint if target.not_null_constraints else "NOT NULL")
    parts.extend(
        f"CONSTRAINT {quote_identifier(check.name)} {check.definition}"
        for check in domain.constraints
        if check.validated
    )
    return "\n    ".join(parts)


def _collate(collation: str | None) -> str:
    return f" COLLATE {collation}" if collation else ""
