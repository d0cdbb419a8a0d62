"""Tables, in a number of queries that doesn't grow with the number of tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from airflow_adbsync.engine.catalog.binary import TypeFacts, is_binary_portable
from airflow_adbsync.engine.catalog.queries import query
from airflow_adbsync.engine.catalog.selection import Candidate, named_table, select
from airflow_adbsync.engine.catalog.session import empty_search_path
from airflow_adbsync.engine.config import Objects
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Column, Key, QualifiedName, Relation, ReplicaIdentity

Rows = Sequence[tuple[Any, ...]]


def read_relations(conn: Connection, objects: Objects) -> tuple[Relation, ...]:
    """Read the tables that a sync selects, sorted by name; a partitioned table is its root alone.

    Raises:
        ConfigError: the selection names what is not there or can't be carried, or selects nothing.
    """
    schemas = [row[0] for row in conn.execute(query(__package__, "schemas"))]
    oids = conn.execute(query(__package__, "candidates")).fetchall()
    return _read(conn, select(_candidates(conn, oids), schemas, objects, conn.info.dbname))


def read_relations_named(conn: Connection, names: Iterable[QualifiedName]) -> tuple[Relation, ...]:
    """Read these tables, sorted by name.

    Raises:
        ConfigError: one is not there, or is no table.
    """
    wanted = sorted(set(names))
    parameters = {"schemas": [name.schema for name in wanted], "names": [name.name for name in wanted]}
    oids = conn.execute(query(__package__, "candidates_named"), parameters).fetchall()
    by_name = {candidate.name: candidate for candidate in _candidates(conn, oids)}
    return _read(conn, [named_table(name, by_name, conn.info.dbname) for name in wanted])


def portable_types(conn: Connection, oids: Collection[int]) -> dict[int, bool]:
    """Tell of these types, and of those that they are made of, whether their binary form means the same
    elsewhere; one that is not there is left out."""
    with empty_search_path(conn):
        asked = {"oids": [], "types": sorted(oids)}
        return _portable(conn.execute(query(__package__, "column_types"), asked).fetchall())


def _candidates(conn: Connection, oids: Rows) -> list[Candidate]:
    rows = conn.execute(query(__package__, "relations"), {"oids": [oid for (oid,) in oids]}).fetchall()
    return [
        Candidate(
            oid=oid,
            name=QualifiedName(schema, name),
            kind=kind,
            persistence=persistence,
            partition=partition,
            replica_identity=ReplicaIdentity(identity),
            identity_index=index,
            extension=extension,
        )
        for oid, schema, name, kind, persistence, partition, identity, index, extension in rows
    ]


def _read(conn: Connection, chosen: Sequence[Candidate]) -> tuple[Relation, ...]:
    oids = {"oids": [candidate.oid for candidate in chosen]}
    with empty_search_path(conn):
        columns = conn.execute(query(__package__, "columns"), oids).fetchall()
        types = conn.execute(query(__package__, "column_types"), {**oids, "types": []}).fetchall()
        keys = conn.execute(query(__package__, "keys"), oids).fetchall()
        sizes = conn.execute(query(__package__, "sizes"), oids).fetchall()
    return assemble(chosen, columns=columns, types=types, keys=keys, sizes=sizes)


def assemble(
    chosen: Sequence[Candidate], *, columns: Rows, types: Rows, keys: Rows, sizes: Rows
) -> tuple[Relation, ...]:
    """Put the queries' rows together, table by table."""
    columns_of, keys_of = _columns(columns, _portable(types)), _keys(keys)
    size_of = {oid: (size, count) for oid, size, count in sizes}
    return tuple(
        Relation(
            name=item.name,
            kind=item.relation_kind,
            columns=tuple(columns_of[item.oid]),
            keys=tuple(keys_of[item.oid]),
            replica_identity=item.replica_identity,
            identity_index=item.identity_index,
            bytes=size_of.get(item.oid, (0, 0))[0],
            rows=size_of.get(item.oid, (0, 0))[1],
            oid=item.oid,
        )
        for item in chosen
    )


def _portable(rows: Rows) -> dict[int, bool]:
    facts = [
        TypeFacts(oid, name, kind, transferable, element, inner, tuple(fields))
        for oid, name, kind, transferable, element, inner, fields in rows
    ]
    types = {item.oid: item for item in facts}
    return {oid: is_binary_portable(oid, types) for oid in types}


def _columns(rows: Rows, portable: Mapping[int, bool]) -> dict[int, list[Column]]:
    columns: dict[int, list[Column]] = defaultdict(list)
    for table, name, type_, not_null, generated, identity_always, type_oid in rows:
        binary = portable.get(type_oid, False)
        columns[table].append(Column(name, type_, not_null, generated, identity_always, binary))
    return columns


def _keys(rows: Rows) -> dict[int, list[Key]]:
    keys: dict[int, list[Key]] = defaultdict(list)
    for table, index, primary, immediate, columns in rows:
        keys[table].append(Key(index, tuple(columns), primary, immediate))
    return keys
