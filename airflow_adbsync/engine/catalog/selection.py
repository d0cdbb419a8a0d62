"""Which of a database's tables a sync carries: pure, from the names in the catalog."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from airflow_adbsync.engine.config import Objects
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import QualifiedName, RelationKind, ReplicaIdentity

_SYSTEM_SCHEMA = re.compile(r"pg_.*|information_schema|adbsync|gp_toolkit")
_NOT_A_TABLE = {"f": "a foreign table", "v": "a view", "m": "a materialized view"}
_PERSISTENCE = {"u": "an unlogged table", "t": "a temporary table"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of ``pg_class`` that could be a table of the sync; letters as the catalog has them."""

    oid: int
    name: QualifiedName
    kind: str
    persistence: str = "p"
    partition: bool = False
    replica_identity: ReplicaIdentity = ReplicaIdentity.DEFAULT
    identity_index: str | None = None
    extension: str | None = None

    @property
    def hindrance(self) -> str:
        """Why this can't be carried, or nothing."""
        if self.kind in _NOT_A_TABLE:
            return f"is {_NOT_A_TABLE[self.kind]}"
        if self.persistence in _PERSISTENCE:
            return f"is {_PERSISTENCE[self.persistence]}: its changes are not in the write-ahead log"
        if self.extension:
            return f"belongs to the extension {self.extension}"
        if self.partition:
            return "is a partition: it comes along with its root"
        return ""

    @property
    def relation_kind(self) -> RelationKind:
        """The kind, of a candidate without hindrance."""
        return RelationKind(self.kind)


def select(
    candidates: Sequence[Candidate], schemas: Iterable[str], objects: Objects, database: str
) -> tuple[Candidate, ...]:
    """Choose the sync's tables, sorted by name.

    Raises:
        ConfigError: a schema or a table is not there or can't be carried, an exclusion matches nothing, or
            nothing is left.
    """
    by_name = {candidate.name: candidate for candidate in candidates}
    _check_schemas(objects, frozenset(schemas), database)
    chosen = {item.name: item for item in _in_schemas(candidates, objects)}
    for name in objects.excluded_names:
        chosen.pop(_check_exclusion(name, by_name, objects, database), None)
    chosen = {name: item for name, item in chosen.items() if not _matches(objects.excluding, name)}
    for name in objects.table_names:
        chosen[name] = named(name, by_name, database)
        if hindrance := chosen[name].hindrance:
            raise ConfigError(
                f"`objects.tables`: {name} {hindrance}; it can't be carried.", remedy="Take it out."
            )
    if not chosen:
        raise ConfigError(
            f"`objects` selects no table: {_said(objects)} in database {database} hold none.",
            remedy="Check `schemas`, `tables` and `exclude`.",
        )
    return tuple(chosen[name] for name in sorted(chosen))


def named(
    name: QualifiedName,
    by_name: Mapping[QualifiedName, Candidate],
    database: str,
    key: str = "objects.tables",
) -> Candidate:
    """Find one table.

    Raises:
        ConfigError: it is not there, or lies where no table of a user lies.
    """
    if _SYSTEM_SCHEMA.fullmatch(name.schema):
        raise ConfigError(
            f"`{key}`: {name} lies in a schema of the system.", remedy="Name tables of your own schemas."
        )
    if name not in by_name:
        near = difflib.get_close_matches(str(name), [str(known) for known in by_name], n=1)
        raise ConfigError(
            f"`{key}`: there is no table {name} in database {database}.",
            remedy=f"Did you mean {near[0]}?" if near else "Names are case-sensitive; check it with \\dt.",
        )
    return by_name[name]


def named_table(name: QualifiedName, by_name: Mapping[QualifiedName, Candidate], database: str) -> Candidate:
    """Find one table that a sync has already.

    Raises:
        ConfigError: it is not there, or is no table.
    """
    found = named(name, by_name, database)
    if found.kind in _NOT_A_TABLE:
        raise ConfigError(
            f"{name} in database {database} is {_NOT_A_TABLE[found.kind]}, not a table.",
            remedy="Drop or rename it, or take the table out of the sync.",
        )
    return found


def _in_schemas(candidates: Sequence[Candidate], objects: Objects) -> Iterator[Candidate]:
    for item in candidates:
        if item.hindrance or _SYSTEM_SCHEMA.fullmatch(item.name.schema):
            continue
        if item.name.schema in objects.schemas or _matches(objects.matching, item.name):
            yield item


def _matches(patterns: Iterable[str], name: QualifiedName) -> bool:
    return any(re.fullmatch(pattern, str(name)) for pattern in patterns)


def _check_schemas(objects: Objects, existing: frozenset[str], database: str) -> None:
    for schema in objects.schemas:
        if _SYSTEM_SCHEMA.fullmatch(schema):
            raise ConfigError(
                f"`objects.schemas`: {schema} belongs to the system.", remedy="Name schemas of your own."
            )
        if schema not in existing:
            near = difflib.get_close_matches(schema, sorted(existing), n=1)
            raise ConfigError(
                f"`objects.schemas`: there is no schema {schema} in database {database}.",
                remedy=f"Did you mean {near[0]}?"
                if near
                else "Names are case-sensitive; check it with \\dn.",
            )


def _check_exclusion(
    name: QualifiedName, by_name: Mapping[QualifiedName, Candidate], objects: Objects, database: str
) -> QualifiedName:
    excluded = named(name, by_name, database, "objects.exclude")
    if name.schema not in objects.schemas:
        raise ConfigError(
            f"`objects.exclude`: {name} is in none of the chosen schemas, so it is not selected anyway.",
            remedy="Take it out of `exclude`, or add its schema to `schemas`.",
        )
    if excluded.partition:
        raise ConfigError(
            f"`objects.exclude`: {name} is a partition.", remedy="Exclude its root, or carry all of it."
        )
    return name


def _said(objects: Objects) -> str:
    return ", ".join((*(f"schema {name}" for name in objects.schemas), *objects.tables, *objects.matching))
