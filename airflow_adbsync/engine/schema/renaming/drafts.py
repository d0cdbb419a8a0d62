"""Drafts under the target's names; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.definitions import Definitions, Dependencies
from airflow_adbsync.engine.schema.identity import ObjectId, relation
from airflow_adbsync.engine.schema.inventory import Inventory
from airflow_adbsync.engine.schema.renaming.columns import AllColumnRenames, column_renames
from airflow_adbsync.engine.schema.renaming.functions import rewritten_function
from airflow_adbsync.engine.schema.renaming.names import Names
from airflow_adbsync.engine.schema.renaming.rewriting import rewritten
from airflow_adbsync.engine.schema.renaming.tokens import identifiers
from airflow_adbsync.engine.schema.statement import Draft, Section

_QUERIES = frozenset({Section.VIEW, Section.MATERIALIZED_VIEW, Section.RULE, Section.ROW_SECURITY})
_ABOUT_TABLES = frozenset(
    {
        Section.TABLE,
        Section.DEFAULT,
        Section.CHECK,
        Section.PARTITION,
        Section.KEY,
        Section.INDEX,
        Section.LATE_CHECK,
        Section.STATISTICS,
        Section.ROW_SECURITY,
    }
)


@dataclass(frozen=True, slots=True)
class Renaming:
    """Rewrites drafts; one that renames nothing gives them back as they are."""

    names: Names
    columns: AllColumnRenames
    tables: Mapping[int, QualifiedName] = field(default_factory=dict)
    needs: Mapping[ObjectId, frozenset[ObjectId]] = field(default_factory=dict)
    dependencies: Dependencies = field(default_factory=Dependencies)
    on: Mapping[ObjectId, int] = field(default_factory=dict)
    bodies: Mapping[ObjectId, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        names: Names,
        definitions: Definitions,
        inventory: Inventory,
        bodies: Mapping[ObjectId, str] | None = None,
    ) -> Renaming:
        """Put together what it needs to know; ``bodies`` are the functions' that have been rewritten.

        Raises:
            ConfigError: columns can't be called as they are to be.
        """
        dependencies = inventory.dependencies
        needs: dict[ObjectId, set[ObjectId]] = defaultdict(set)
        for dependent, needed in dependencies.needs:
            needs[dependencies.whole(dependent)].add(dependencies.whole(needed))
        return cls(
            names,
            column_renames(names, definitions),
            {table.oid: table.name for table in definitions.tables},
            {id_: frozenset(found) for id_, found in needs.items()},
            dependencies,
            {item.id: item.owner for item in inventory.items.values() if item.owner},
            bodies or {},
        )

    def drafts(self, drafts: Iterable[Draft]) -> Iterator[Draft]:
        """Each under the target's names."""
        if self.names.change_nothing and not self.columns.of:
            yield from drafts
            return
        for draft in drafts:
            yield self._within_source_names(
                replace(draft, sql=self._rewritten(draft), home=self._home(draft))
            )

    def schemas(self, schemas: Mapping[str, int]) -> dict[str, int]:
        """The oids of the source's schemas by their names on the target."""
        return {self.names.schema(name): oid for name, oid in sorted(schemas.items(), reverse=True)}

    def _rewritten(self, draft: Draft) -> str:
        if draft.section is Section.FUNCTION:
            body = next((self.bodies[id_] for id_ in draft.makes if id_ in self.bodies), None)
            return rewritten_function(draft.sql, self.names, body)
        own = self._own(draft) if draft.section in _ABOUT_TABLES else None
        return rewritten(draft.sql, self.names, query=draft.section in _QUERIES, own=own)

    def _own(self, draft: Draft) -> QualifiedName | None:
        """The table that the statement's expressions are about."""
        for ids in (draft.makes, draft.needs):
            for id_ in ids:
                oid = self.on.get(id_, self.dependencies.whole(id_).oid)
                if oid in self.tables:
                    return self.tables[oid]
        return None

    def _home(self, draft: Draft) -> str:
        made = (
            self.tables[id_.oid]
            for id_ in draft.makes
            if id_.catalog == "pg_class" and id_.oid in self.tables
        )
        moved = next(made, None)
        return self.names.relation(moved).schema if moved else self.names.schema(draft.home)

    def _within_source_names(self, draft: Draft) -> Draft:
        touched = {oid for oid in self._touched(draft) if oid in self.columns.of}
        if not touched:
            return draft
        mentioned = self.columns.mentioned(touched, identifiers(draft.sql))
        made = {oid for oid in self._made(draft) if oid in self.columns.of}
        if not mentioned and not made:
            return draft
        owners = [oid for oid in self.columns.owners(touched | made) if oid not in made]
        before = [sql for oid in owners for sql in self.columns.of[oid].take()] if mentioned else []
        after = [sql for oid in owners for sql in self.columns.of[oid].give()] if mentioned else []
        new = [sql for oid in sorted(made) for sql in self.columns.of[oid].give()]
        return replace(draft, sql=";\n".join([*before, draft.sql, *new, *after]))

    def _touched(self, draft: Draft) -> set[int]:
        whole = {self.dependencies.whole(id_) for id_ in (*draft.makes, *draft.needs)}
        for id_ in tuple(whole):
            whole |= self.needs.get(id_, frozenset())
        for id_ in draft.makes:
            whole |= self.needs.get(id_, frozenset())
        return {id_.oid for id_ in whole if id_.catalog == "pg_class"}

    def _made(self, draft: Draft) -> Iterator[int]:
        sections = {Section.TABLE, Section.VIEW, Section.MATERIALIZED_VIEW}
        if draft.section in sections:
            yield from (id_.oid for id_ in draft.makes if id_ == relation(id_.oid))


RENAMES_NOTHING = Renaming(Names(), AllColumnRenames())
