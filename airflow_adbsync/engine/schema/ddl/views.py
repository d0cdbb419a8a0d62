"""CREATE VIEW and CREATE MATERIALIZED VIEW."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.schema.ddl.text import using, with_options
from airflow_adbsync.engine.schema.definitions import ViewDefinition
from airflow_adbsync.engine.schema.identity import relation
from airflow_adbsync.engine.schema.statement import Draft, Section


def view_drafts(views: Iterable[ViewDefinition]) -> Iterator[Draft]:
    """Every view; a materialized one is filled where the source's is."""
    for view in views:
        body = view.definition.strip().removesuffix(";")
        head = f"{view.name.sql}{using(view.access_method)}{with_options(view.options)} AS\n{body}"
        makes = frozenset({relation(view.oid)})
        if view.materialized:
            sql = f"CREATE MATERIALIZED VIEW {head}\nWITH {'' if view.populated else 'NO '}DATA"
            name, section = f"materialized view {view.name}", Section.MATERIALIZED_VIEW
        else:
            name, section, sql = f"view {view.name}", Section.VIEW, f"CREATE VIEW {head}"
        yield Draft(name, section, sql, makes, home=view.name.schema)
