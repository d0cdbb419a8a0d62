"""From definitions to the ordered statements of both halves of the phase; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from airflow_adbsync.engine.config import SchemaOptions
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.ddl import (
    aggregate_drafts,
    comment_drafts,
    constraint_drafts,
    firing_drafts,
    function_drafts,
    grant_drafts,
    index_drafts,
    row_security_drafts,
    schema_drafts,
    sequence_drafts,
    setting_drafts,
    table_drafts,
    type_drafts,
    view_default_drafts,
    view_drafts,
    written_drafts,
)
from airflow_adbsync.engine.schema.definitions import (
    Definitions,
    Dependencies,
    TableDefinition,
    ViewDefinition,
)
from airflow_adbsync.engine.schema.ordering import Ordered, before_data, order, tie
from airflow_adbsync.engine.schema.placed import placed
from airflow_adbsync.engine.schema.placement import NOWHERE_SPECIAL, Placements
from airflow_adbsync.engine.schema.renaming import RENAMES_NOTHING, Renaming
from airflow_adbsync.engine.schema.statement import Draft, Section, Statement
from airflow_adbsync.engine.schema.target import Target

_Owner = TypeVar("_Owner", TableDefinition, ViewDefinition)


@dataclass(frozen=True, slots=True)
class Plan:
    """What makes the schema: before the rows come, after, once both sides agree (``validations``), and what
    only the cut-over may switch on (``activations``)."""

    before: tuple[Statement, ...]
    after: tuple[Statement, ...]
    validations: tuple[Statement, ...]
    activations: tuple[Statement, ...] = ()
    refreshes: tuple[str, ...] = ()


def plan(
    definitions: Definitions,
    dependencies: Dependencies,
    target: Target,
    options: SchemaOptions | None = None,
    placements: Placements = NOWHERE_SPECIAL,
    *,
    renaming: Renaming = RENAMES_NOTHING,
) -> Plan:
    """Write and order every statement.

    A table whose default or check needs the table itself (a function of its row type, say) is written in
    pieces; so is everything knotted up with it.
    """
    definitions = placed(definitions, placements)
    options = options or SchemaOptions()
    planner = _Planner(definitions, dependencies, target, options, placements, renaming)
    ordered = planner.ordered(frozenset())
    if ordered.knotted:
        split = frozenset(
            table.oid for table in definitions.tables if f"table {table.name}" in ordered.knotted
        )
        ordered = planner.ordered(split)
    early = before_data(ordered.statements)
    late = [item for item in ordered.statements if item.object not in early]
    activations = _from(Section.ACTIVATION, late)
    validations = _from(Section.VALIDATION, [item for item in late if item not in activations])
    apart = {item.object for item in (*activations, *validations)}
    return Plan(
        before=tuple(item for item in ordered.statements if item.object in early),
        after=tuple(item for item in late if item.object not in apart),
        validations=validations,
        activations=activations,
        refreshes=planner.refreshes(ordered),
    )


def after_its_table(made: Plan) -> Iterator[Statement]:
    """The keys, then the indexes, that need nothing but one table's rows, and keys of that table."""
    there = {item.object for item in made.before}
    of_table: dict[str, QualifiedName] = {}
    for item in sorted(made.after, key=lambda item: item.section):
        if item.section not in {Section.KEY, Section.INDEX} or item.reads is None:
            continue
        if all(name in there or of_table.get(name) == item.reads for name in item.needs):
            if item.section is Section.KEY:
                of_table[item.object] = item.reads
            yield item


def _from(section: Section, statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Those of a section, and those that need them."""
    own = {item.object for item in statements if item.section is section}
    return tuple(item for item in statements if item.object in own or not item.needs.isdisjoint(own))


@dataclass(frozen=True, slots=True)
class _Planner:
    definitions: Definitions
    dependencies: Dependencies
    target: Target
    options: SchemaOptions
    placements: Placements
    renaming: Renaming

    def ordered(self, split: frozenset[int]) -> Ordered:
        drafts = list(self.renaming.drafts(self._drafts(split)))
        homes = {draft.home for draft in drafts if draft.home}
        schemas = self.renaming.schemas(self.definitions.schemas)
        drafts = [*schema_drafts(homes - self.target.schemas, schemas), *drafts]
        made = frozenset(made for draft in drafts for made in draft.makes)
        comments = (
            comment
            for comment in self.definitions.comments
            # a composite type's fields have their comments by its row in pg_class
            if comment.object in made or self.dependencies.part_of.get(comment.object) in made
        )
        grants = (grant for grant in self.definitions.grants if grant.object in made)
        drafts += self.renaming.drafts(comment_drafts(comments))
        drafts += self.renaming.drafts(grant_drafts(grants, self.target.roles))
        return order(tie(drafts, self.dependencies))

    def refreshes(self, ordered: Ordered) -> tuple[str, ...]:
        """REFRESH of the materialized views that hold rows, each after those that it reads."""
        filled = {
            f"materialized view {view.name}": view.name
            for view in self.definitions.views
            if view.materialized and view.populated
        }
        found = (filled[item.object] for item in ordered.statements if item.object in filled)
        names = self.renaming.names
        return tuple(f"REFRESH MATERIALIZED VIEW {names.relation(name).sql}" for name in found)

    def _drafts(self, split: frozenset[int]) -> Iterator[Draft]:
        all_, can = self.definitions, self.target.can
        tables = {table.oid: self._within(table) for table in all_.tables}
        known = {table.oid: table for table in all_.kept} | tables
        views = [self._within(view) for view in all_.views]
        yield from type_drafts(all_.types, can)
        yield from sequence_drafts(all_.sequences, tables)
        yield from function_drafts(all_.functions)
        yield from aggregate_drafts(all_.aggregates)
        yield from table_drafts(tables, all_.sequences, can, split, self.placements, known=known)
        yield from setting_drafts((*tables.values(), *(view for view in views if view.materialized)), can)
        yield from constraint_drafts(tables, can, known)
        yield from index_drafts((*tables.values(), *views))
        yield from view_drafts(views)
        yield from view_default_drafts(views)
        yield from written_drafts(all_.written)
        yield from firing_drafts(all_.firing, self.options.triggers)
        yield from row_security_drafts(tables.values(), forced_now=self.target.passes_row_security)

    def _within(self, owner: _Owner) -> _Owner:
        """As it is, but for an access method that the target lacks."""
        known = not owner.access_method or owner.access_method in self.target.access_methods
        return owner if known else replace(owner, access_method="")
