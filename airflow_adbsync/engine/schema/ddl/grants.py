"""GRANT, where the configuration asks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from airflow_adbsync.engine.schema.ddl.text import called
from airflow_adbsync.engine.schema.definitions import GrantDefinition
from airflow_adbsync.engine.schema.identity import ObjectId
from airflow_adbsync.engine.schema.statement import Draft, Section


def grant_drafts(grants: Iterable[GrantDefinition], roles: Collection[str]) -> Iterator[Draft]:
    """What an object's roles may do with it, in one statement; roles that the target lacks are left out."""
    by_object: dict[tuple[ObjectId, str], list[str]] = defaultdict(list)
    for grant in grants:
        if not grant.role or grant.role in roles:
            by_object[grant.object, grant.label].append(grant.sql)
    for (id_, label), statements in by_object.items():
        name = called(f"privileges on {label}")
        yield Draft(name, Section.GRANT, ";\n".join(statements), needs=frozenset({id_}))
