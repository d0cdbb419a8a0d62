"""From definitions to the ordered statements of both halves of the phase; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.schema.ddl import (
    aggregate_drafts,
    comment_drafts,
    constraint_drafts,
    function_drafts,
    index_drafts,
    schema_drafts,
    sequence_drafts,
    table_drafts,
    type_drafts,
    view_drafts,
)
from airflow_adbsync.engine.schema.definitions import Definitions, Dependencies
from airflow_adbsync.engine.schema.ordering import Ordered, before_data, order, tie
from airflow_adbsync.engine.schema.placed import placed
from airflow_adbsync.engine.schema.placement import NOWHERE_SPECIAL, Placements
from airflow_adbsync.engine.schema.statement import Draft, Section, Statement


@dataclass(frozen=True, slots=True)
class Plan:
    """What makes the schema: before the rows come, after, and, once both sides agree, ``validations``."""

    before: tuple[Statement, ...]
    after: tuple[Statement, ...]
    validations: tuple[Statement, ...]


def plan(
    definitions: Definitions,
    dependencies: Dependencies,
    target: Capabilities,
    target_schemas: Collection[str] = (),
    placements: Placements = NOWHERE_SPECIAL,
) -> Plan:
    """Write and order every statement.

    A table whose default or check needs the table itself (a function of its row type, say) is written in
    pieces; so is everything knotted up with it.
    """
    definitions = placed(definitions, placements)
    ordered = _ordered(
        definitions, dependencies, target, target_schemas, split=frozenset(), placements=placements
    )
    if ordered.knotted:
        split = frozenset(
            table.oid for table in definitions.tables if f"table {table.name}" in ordered.knotted
        )
        ordered = _ordered(
            definitions, dependencies, target, target_schemas, split=split, placements=placements
        )
    early = before_data(ordered.statements)
    between_tables = {item.object for item in ordered.statements if item.section is Section.VALIDATION}
    late = [item for item in ordered.statements if item.object not in early]
    return Plan(
        before=tuple(item for item in ordered.statements if item.object in early),
        after=tuple(item for item in late if not _touches(item, between_tables)),
        validations=tuple(item for item in late if _touches(item, between_tables)),
    )


def _touches(item: Statement, objects: Collection[str]) -> bool:
    return item.object in objects or not item.needs.isdisjoint(objects)


def _ordered(
    definitions: Definitions,
    dependencies: Dependencies,
    target: Capabilities,
    target_schemas: Collection[str],
    *,
    split: frozenset[int],
    placements: Placements,
) -> Ordered:
    drafts = list(_drafts(definitions, target, split, placements))
    made = frozenset(made for draft in drafts for made in draft.makes)
    drafts += comment_drafts(
        comment
        for comment in definitions.comments
        # a composite type's fields have their comments by its row in pg_class
        if comment.object in made or dependencies.part_of.get(comment.object) in made
    )
    homes = {draft.home for draft in drafts if draft.home}
    return order(tie((*schema_drafts(homes - set(target_schemas)), *drafts), dependencies))


def _drafts(
    definitions: Definitions, target: Capabilities, split: frozenset[int], placements: Placements
) -> Iterator[Draft]:
    tables = {table.oid: table for table in definitions.tables}
    yield from type_drafts(definitions.types)
    yield from sequence_drafts(definitions.sequences, tables)
    yield from function_drafts(definitions.functions)
    yield from aggregate_drafts(definitions.aggregates)
    yield from table_drafts(tables, definitions.sequences, target, split, placements)
    yield from constraint_drafts(tables, target)
    yield from index_drafts((*definitions.tables, *definitions.views))
    yield from view_drafts(definitions.views)
