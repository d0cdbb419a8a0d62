"""COMMENT ON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_adbsync.engine.schema.ddl.text import called, literal
from airflow_adbsync.engine.schema.definitions import CommentDefinition
from airflow_adbsync.engine.schema.statement import Draft, Section


def comment_drafts(comments: Iterable[CommentDefinition]) -> Iterator[Draft]:
    """Every comment on something that is carried."""
    for item in comments:
        yield Draft(
            called(f"comment on {item.kind.lower()} {item.identity}"),
            Section.COMMENT,
            f"COMMENT ON {item.kind} {item.identity} IS {literal(item.text)}",
            needs=frozenset({item.object}),
        )
