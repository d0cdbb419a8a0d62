"""Objects that the catalog's own queries write out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.schema.ddl.text import called
from airflow_adbsync.engine.schema.definitions import WrittenDefinition
from airflow_adbsync.engine.schema.kind import Kind
from airflow_adbsync.engine.schema.statement import Draft, Section

_SECTIONS = {
    Kind.COLLATION: Section.COLLATION,
    Kind.TEXT_SEARCH_DICTIONARY: Section.TEXT_SEARCH,
    Kind.TEXT_SEARCH_CONFIGURATION: Section.TEXT_SEARCH,
    Kind.OPERATOR: Section.OPERATOR,
    Kind.OPERATOR_FAMILY: Section.OPERATOR,
    Kind.OPERATOR_CLASS: Section.OPERATOR,
    Kind.CAST: Section.CAST,
    Kind.STATISTICS: Section.STATISTICS,
    Kind.POLICY: Section.ROW_SECURITY,
}


def written_drafts(written: Iterable[WrittenDefinition]) -> Iterator[Draft]:
    """Each as it is."""
    for item in written:
        yield Draft(
            called(item.label), _SECTIONS[item.kind], item.sql, frozenset({item.object}), home=item.home
        )
