"""CREATE INDEX, and which index is a part of which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.schema.definitions import IndexDefinition, TableDefinition, ViewDefinition
from airflow_adbsync.engine.schema.identity import relation
from airflow_adbsync.engine.schema.statement import Draft, Section


def index_drafts(owners: Iterable[TableDefinition | ViewDefinition]) -> Iterator[Draft]:
    """Every index that no constraint makes; a partitioned one without its parts, which are attached to it."""
    owners = tuple(owners)
    by_oid = {index.oid: index for owner in owners for index in owner.indexes}
    for owner in owners:
        for index in owner.indexes:
            if not index.of_constraint:
                yield Draft(
                    f"index {index.name}",
                    Section.INDEX,
                    index.definition,
                    makes=frozenset({relation(index.oid)}),
                    needs=frozenset({relation(owner.oid)}),
                    reads=owner.name,
                )
            yield from _settings(owner, index)
            if index.parent in by_oid:
                yield _attachment(index, by_oid[index.parent])


def _attachment(index: IndexDefinition, parent: IndexDefinition) -> Draft:
    return Draft(
        f"partition {index.name} of index {parent.name}",
        Section.INDEX_PARTITION,
        f"ALTER INDEX {parent.name.sql} ATTACH PARTITION {index.name.sql}",
        needs=frozenset({relation(index.oid), relation(parent.oid)}),
    )


def _settings(owner: TableDefinition | ViewDefinition, index: IndexDefinition) -> Iterator[Draft]:
    needs = frozenset({relation(index.oid)})
    if index.statistics:
        actions = ", ".join(
            f"ALTER COLUMN {number} SET STATISTICS {goal}" for number, goal in index.statistics
        )
        sql = f"ALTER INDEX {index.name.sql} {actions}"
        yield Draft(f"settings of index {index.name}", Section.VIEW_SETTING, sql, needs=needs)
    if index.clustered:
        sql = f"ALTER TABLE {owner.name.sql} CLUSTER ON {quote_identifier(index.name.name)}"
        yield Draft(f"clustering of {owner.name}", Section.VIEW_SETTING, sql, needs=needs)
