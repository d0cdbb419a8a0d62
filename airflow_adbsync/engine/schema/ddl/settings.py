"""How columns are stored and sampled, and the defaults of views' columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.model import quote_identifier
from airflow_adbsync.engine.schema.ddl.text import part_of
from airflow_adbsync.engine.schema.definitions import ColumnDefinition, TableDefinition, ViewDefinition
from airflow_adbsync.engine.schema.identity import default, relation
from airflow_adbsync.engine.schema.statement import Draft, Section


def setting_drafts(
    owners: Iterable[TableDefinition | ViewDefinition], target: Capabilities
) -> Iterator[Draft]:
    """One statement for all columns of a table or materialized view; a typed table gets its type too."""
    for owner in owners:
        table = isinstance(owner, TableDefinition)
        actions = [action for column in owner.columns for action in _actions(column, target)]
        if isinstance(owner, TableDefinition) and owner.of_type:
            actions.append(f"OF {owner.of_type}")
        if actions:
            yield Draft(
                f"settings of {owner.name}",
                Section.SETTING if table else Section.VIEW_SETTING,
                f"ALTER TABLE ONLY {owner.name.sql} {', '.join(actions)}",
                needs=frozenset({relation(owner.oid)}),
            )


def view_default_drafts(views: Iterable[ViewDefinition]) -> Iterator[Draft]:
    """What an INSERT into a view puts where it says nothing."""
    for view in views:
        for column in view.columns:
            if column.default is not None:
                name = quote_identifier(column.name)
                yield Draft(
                    f"default of column {part_of(name, view.name)}",
                    Section.VIEW_SETTING,
                    f"ALTER TABLE ONLY {view.name.sql} ALTER COLUMN {name} SET DEFAULT {column.default}",
                    makes=frozenset({default(column.default_oid)}),
                    needs=frozenset({relation(view.oid)}),
                )


def _actions(column: ColumnDefinition, target: Capabilities) -> Iterator[str]:
    settings = list(column.settings)
    if column.compression and target.column_compression:
        settings.append(column.compression)
    yield from (f"ALTER COLUMN {quote_identifier(column.name)} {setting}" for setting in settings)
