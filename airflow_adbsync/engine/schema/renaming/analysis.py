"""What functions' bodies can mean, and what becomes of each; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.definitions import (
    ColumnDefinition,
    Definitions,
    FunctionDefinition,
    TableDefinition,
    ViewDefinition,
)
from airflow_adbsync.engine.schema.identity import ObjectId, function
from airflow_adbsync.engine.schema.inventory import Inventory
from airflow_adbsync.engine.schema.kind import Kind
from airflow_adbsync.engine.schema.renaming.bodies import Body, Relation, Vocabulary, rewritten_body
from airflow_adbsync.engine.schema.renaming.columns import AllColumnRenames
from airflow_adbsync.engine.schema.renaming.functions import head_and_body, quoted_body, rewritten_function
from airflow_adbsync.engine.schema.renaming.names import Names
from airflow_adbsync.engine.schema.renaming.rewriting import Unclear, rewritten
from airflow_adbsync.engine.schema.renaming.tokens import Sort, identifiers, tokens


@dataclass(frozen=True, slots=True)
class Analysis:
    """``bodies`` are rewritten ones; ``unclear`` says what can't be rewritten surely, and why."""

    bodies: Mapping[ObjectId, str] = field(default_factory=dict)
    unclear: Mapping[ObjectId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """The definitions with all their columns, and by the oids of tables which of them are left out.

    ``widened`` are the tables that get more columns.
    """

    inventory: Inventory
    definitions: Definitions
    omitted: Mapping[int, Collection[str]]
    widened: frozenset[QualifiedName] = frozenset()


def analyse(names: Names, columns: AllColumnRenames, source: Source, words: frozenset[str]) -> Analysis:
    """Try every function, view, rule and policy; ``words`` are the server's own."""
    before, inventory = source.definitions, source.inventory
    relations = _relations(columns, source.omitted, before)
    known = Vocabulary(names, relations, _typed(relations, before), words)
    triggered = _triggered(before, inventory)
    bodies: dict[ObjectId, str] = {}
    unclear: dict[ObjectId, str] = {}
    for item in before.functions:
        id_ = function(item.oid)
        try:
            rewritten_function(item.definition, names)
            _refuse_rows(item, source)
            token = quoted_body(item.definition)
            if token is not None and token.string is not None:
                given = _body(item, token.string, inventory, relations, triggered.get(id_, frozenset()))
                bodies[id_] = rewritten_body(given, known)
        except Unclear as found:
            unclear[id_] = _because(found)
    for id_, sql in _queries(before):
        try:
            rewritten(sql, names, query=True)
        except Unclear as found:
            unclear[id_] = _because(found)
    return Analysis(bodies, unclear)


def _because(found: Unclear) -> str:
    return f"its SQL can't be rewritten surely under the target's names: {found}"


def _refuse_rows(item: FunctionDefinition, source: Source) -> None:
    """A parsed body that returns a table's rows has the columns that the table had."""
    head, body = head_and_body(item.definition)
    returned = head.partition("\n RETURNS ")[2]
    changed = {table.name: table for table in source.definitions.tables if table.oid in source.omitted}
    for name in _mentioned(returned, {name: Relation(name, {}) for name in {*changed, *source.widened}}):
        if body:
            raise Unclear(f"it returns rows of {name}, which has other columns there")


def _queries(definitions: Definitions) -> Iterator[tuple[ObjectId, str]]:
    for view in definitions.views:
        yield ObjectId("pg_class", view.oid), view.definition
    for firing in definitions.firing:
        if firing.kind is Kind.RULE:
            yield firing.object, firing.sql
    for item in definitions.written:
        if item.kind is Kind.POLICY:
            yield item.object, item.sql


def _relations(
    columns: AllColumnRenames, omitted: Mapping[int, Collection[str]], before: Definitions
) -> dict[QualifiedName, Relation]:
    found = {}
    owners: tuple[TableDefinition | ViewDefinition, ...] = (*before.tables, *before.views)
    for owner in owners:
        renames = columns.of.get(owner.oid)
        changed = renames.columns if renames else {}
        gone = omitted.get(owner.oid, ())
        named = {
            column.name: "" if column.name in gone else changed.get(column.name, column.name)
            for column in owner.columns
        }
        found[owner.name] = Relation(owner.name, named)
    return found


def _typed(
    relations: Mapping[QualifiedName, Relation], before: Definitions
) -> dict[str, frozenset[QualifiedName]]:
    """By the name of what gives rows of another relation: which."""
    found: dict[str, set[QualifiedName]] = defaultdict(set)
    owners: tuple[TableDefinition | ViewDefinition, ...] = (*before.tables, *before.views)
    for owner in owners:
        found[owner.name.name] |= _of_types(owner.columns, relations)
    for item in before.functions:
        found[item.name.name] |= _mentioned(head_and_body(item.definition)[0], relations)
    return {name: frozenset(tables) for name, tables in found.items() if tables}


def _of_types(
    columns: Iterable[ColumnDefinition], relations: Mapping[QualifiedName, Relation]
) -> set[QualifiedName]:
    types = {column.type for column in columns if "." in column.type}
    return set().union(*(_mentioned(type_, relations) for type_ in types))


def _mentioned(sql: str, relations: Mapping[QualifiedName, Relation]) -> set[QualifiedName]:
    read = [token.name for token in tokens(sql) if token.sort is not Sort.SPACE]
    pairs = zip(read, read[2:], strict=False)
    names = (QualifiedName(first, second) for first, second in pairs if first and second)
    return {name for name in names if name in relations}


def _triggered(before: Definitions, inventory: Inventory) -> dict[ObjectId, frozenset[QualifiedName]]:
    """The tables whose triggers run a function."""
    tables = {item.object: item.table for item in before.firing if item.kind is Kind.TRIGGER}
    found: dict[ObjectId, set[QualifiedName]] = defaultdict(set)
    for trigger, needed in inventory.dependencies.needs:
        if trigger in tables and needed.catalog == "pg_proc":
            found[needed].add(tables[trigger])
    return {id_: frozenset(on) for id_, on in found.items()}


def _body(
    item: FunctionDefinition,
    text: str,
    inventory: Inventory,
    relations: Mapping[QualifiedName, Relation],
    triggered_by: frozenset[QualifiedName],
) -> Body:
    head = item.definition.partition(text)[0]
    returned = head.partition("RETURNS")[2].partition("LANGUAGE")[0]
    return Body(
        text,
        inventory.items[function(item.oid)].detail,
        identifiers(f"{item.arguments} {returned}"),
        frozenset(_mentioned(head, relations)),
        triggered_by,
    )
