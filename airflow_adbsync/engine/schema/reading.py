"""Reads the source's catalog into an inventory and, for what belongs to a sync, into definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from airflow_adbsync.engine.catalog import query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.schema.definitions import (
    AggregateDefinition,
    ColumnDefinition,
    CommentDefinition,
    CompositeDefinition,
    ConstraintDefinition,
    Definitions,
    Dependencies,
    DomainDefinition,
    EnumDefinition,
    FiringDefinition,
    FunctionDefinition,
    GrantDefinition,
    IndexDefinition,
    RangeDefinition,
    SequenceDefinition,
    TableDefinition,
    TypeDefinition,
    ViewDefinition,
    WrittenDefinition,
)
from airflow_adbsync.engine.schema.identity import ObjectId, relation, type_
from airflow_adbsync.engine.schema.inventory import Inventory, Item, SequenceOwner
from airflow_adbsync.engine.schema.kind import Kind

Row = tuple[Any, ...]
# Kinds whose definitions their queries write out.
_WRITTEN = {
    Kind.COLLATION: "collations",
    Kind.TEXT_SEARCH_DICTIONARY: "text_search_dictionaries",
    Kind.TEXT_SEARCH_CONFIGURATION: "text_search_configurations",
    Kind.OPERATOR: "operators",
    Kind.OPERATOR_FAMILY: "operator_families",
    Kind.OPERATOR_CLASS: "operator_classes",
    Kind.CAST: "casts",
    Kind.STATISTICS: "statistics",
    Kind.POLICY: "policies",
}
_FIRING = {Kind.TRIGGER: "triggers", Kind.RULE: "rules"}


def read_inventory(conn: Connection) -> Inventory:
    """Read what the database holds. Needs an empty search_path, as everything here does."""
    items = [
        Item(ObjectId(catalog, oid), QualifiedName(schema, name), *(*rest, tuple(roles), extension))
        for catalog, oid, schema, name, *rest, roles, extension in _rows(conn, "inventory")
    ]
    parents: dict[int, tuple[int, ...]] = defaultdict(tuple)
    for child, parent in _rows(conn, "inheritance"):
        parents[child] += (parent,)
    return Inventory(
        items={item.id: item for item in items},
        dependencies=_dependencies(conn),
        parents=dict(parents),
        sequence_owners={oid: SequenceOwner(*owner) for oid, *owner in _rows(conn, "sequence_owners")},
    )


def _dependencies(conn: Connection) -> Dependencies:
    edges = [
        (ObjectId(catalog, oid), ObjectId(other, other_oid), internal)
        for catalog, oid, other, other_oid, internal in _rows(conn, "dependencies")
    ]
    parts = {
        ObjectId(catalog, oid): ObjectId(whole, whole_oid)
        for catalog, oid, whole, whole_oid in _rows(conn, "parts")
    }
    inner = {dependent: needed for dependent, needed, internal in edges if internal}
    return Dependencies(
        needs=tuple((dependent, needed) for dependent, needed, _ in edges), part_of=parts | inner
    )


def read_definitions(
    conn: Connection, inventory: Inventory, members: Iterable[ObjectId], *, grants: bool = False
) -> Definitions:
    """Read the definitions of these objects; comments and grants come all, and go with what they are on."""
    reader = _Reader(conn, inventory, [inventory.items[id_] for id_ in sorted(members)])
    return Definitions(
        tables=reader.tables(),
        types=reader.types(),
        sequences=reader.sequences(),
        functions=reader.functions(),
        aggregates=reader.aggregates(),
        views=reader.views(),
        written=reader.written(),
        firing=reader.firing(),
        comments=_comments(conn),
        grants=_grants(conn) if grants else (),
        schemas=dict(_rows(conn, "schemas")),
    )


class _Reader:
    def __init__(self, conn: Connection, inventory: Inventory, items: list[Item]) -> None:
        self._conn = conn
        self._inventory = inventory
        self._of_kind: dict[Kind, dict[int, Item]] = defaultdict(dict)
        for item in items:
            self._of_kind[item.kind][item.id.oid] = item
        self._columns = self._read_columns()
        self._constraints = self._read_constraints()
        self._indexes = self._read_indexes()

    def tables(self) -> tuple[TableDefinition, ...]:
        items = self._of_kind[Kind.TABLE]
        return tuple(
            TableDefinition(
                oid=oid,
                name=items[oid].name,
                kind=items[oid].letter,
                columns=self._columns.get(relation(oid), ()),
                constraints=self._constraints.get(relation(oid), ()),
                indexes=self._indexes.get(oid, ()),
                parents=self._inventory.parents.get(oid, ()),
                partition_key=key,
                partition_bound=bound,
                options=tuple(options),
                access_method=method,
                of_type=of_type,
                row_security=row_security,
                force_row_security=forced,
            )
            for oid, options, key, bound, method, of_type, row_security, forced in self._detail(
                "tables", items
            )
        )

    def types(self) -> tuple[TypeDefinition, ...]:
        items = self._of_kind[Kind.TYPE]
        return (
            *(
                EnumDefinition(oid, items[oid].name, tuple(labels))
                for oid, labels in self._detail("enums", items)
            ),
            *(
                CompositeDefinition(oid, item.name, self._columns.get(type_(oid), ()))
                for oid, item in items.items()
                if item.letter == "c"
            ),
            *(_range(items[row[0]].name, row) for row in self._detail("ranges", items)),
            *(
                DomainDefinition(
                    oid,
                    items[oid].name,
                    base,
                    collation,
                    not_null,
                    default,
                    self._constraints.get(type_(oid), ()),
                    constraint,
                )
                for oid, base, collation, not_null, default, constraint in self._detail("domains", items)
            ),
        )

    def sequences(self) -> tuple[SequenceDefinition, ...]:
        owners = self._inventory.sequence_owners
        tables = self._of_kind[Kind.TABLE]
        items = dict(self._of_kind[Kind.SEQUENCE])
        for oid, owner in owners.items():
            if owner.identity and owner.table in tables:
                items[oid] = self._inventory.items[relation(oid)]
        found = []
        for oid, *options in self._detail("sequences", items):
            of = owners.get(oid)
            owned = (of.table, of.column, of.identity) if of and of.table in tables else ()
            found.append(SequenceDefinition(oid, items[oid].name, *options, *owned))
        return tuple(found)

    def functions(self) -> tuple[FunctionDefinition, ...]:
        items = self._of_kind[Kind.FUNCTION] | self._of_kind[Kind.PROCEDURE]
        return tuple(
            FunctionDefinition(oid, items[oid].name, items[oid].arguments, definition)
            for oid, definition in self._detail("functions", items)
        )

    def aggregates(self) -> tuple[AggregateDefinition, ...]:
        items = self._of_kind[Kind.AGGREGATE]
        return tuple(
            AggregateDefinition(oid, items[oid].name, items[oid].arguments, arguments, options)
            for oid, arguments, options in self._detail("aggregates", items)
        )

    def views(self) -> tuple[ViewDefinition, ...]:
        items = self._of_kind[Kind.VIEW] | self._of_kind[Kind.MATERIALIZED_VIEW]
        return tuple(
            ViewDefinition(
                oid=oid,
                name=items[oid].name,
                definition=definition,
                options=tuple(options),
                materialized=items[oid].kind is Kind.MATERIALIZED_VIEW,
                populated=populated,
                indexes=self._indexes.get(oid, ()),
                columns=self._columns.get(relation(oid), ()),
                access_method=method,
            )
            for oid, options, populated, definition, method in self._detail("views", items)
        )

    def written(self) -> tuple[WrittenDefinition, ...]:
        found = []
        for kind, name in _WRITTEN.items():
            items = self._of_kind[kind]
            for oid, sql in self._detail(name, items):
                home = "" if kind in {Kind.CAST, Kind.POLICY} else items[oid].name.schema
                found.append(WrittenDefinition(items[oid].id, kind, str(items[oid]), sql, home))
        return tuple(found)

    def firing(self) -> tuple[FiringDefinition, ...]:
        return tuple(
            FiringDefinition(
                object=items[oid].id,
                kind=kind,
                label=str(items[oid]),
                name=items[oid].name.name,
                table=QualifiedName(schema, table),
                sql=definition.rstrip().removesuffix(";"),
                enabled=enabled,
                switchable=switchable,
            )
            for kind, name in _FIRING.items()
            for items in [self._of_kind[kind]]
            for oid, definition, enabled, schema, table, switchable in self._detail(name, items)
        )

    def _read_columns(self) -> dict[ObjectId, tuple[ColumnDefinition, ...]]:
        columns = defaultdict(list)
        views = [*self._of_kind[Kind.VIEW], *self._of_kind[Kind.MATERIALIZED_VIEW]]
        of = {"relations": [*self._of_kind[Kind.TABLE], *views], "types": list(self._of_kind[Kind.TYPE])}
        for catalog, oid, *row in _rows(self._conn, "columns", **of):
            name, of_type, collation, not_null, generated, identity, default_oid, default, *rest = row
            local, not_null_constraint, not_null_local, settings, compression = rest
            columns[ObjectId(catalog, oid)].append(
                ColumnDefinition(
                    name=name,
                    type=of_type,
                    collation=collation,
                    not_null=not_null,
                    generated=generated,
                    identity=identity,
                    default=default,
                    default_oid=default_oid or 0,
                    local=local,
                    not_null_constraint=not_null_constraint or "NOT NULL",
                    not_null_local=not_null_local,
                    settings=tuple(settings),
                    compression=compression,
                )
            )
        return {owner: tuple(found) for owner, found in columns.items()}

    def _read_constraints(self) -> dict[ObjectId, tuple[ConstraintDefinition, ...]]:
        constraints = defaultdict(list)
        of = {"tables": list(self._of_kind[Kind.TABLE]), "types": list(self._of_kind[Kind.TYPE])}
        for row in _rows(self._conn, "constraints", **of):
            catalog, owner, *rest, columns, enforced, temporal = row
            constraints[ObjectId(catalog, owner)].append(
                ConstraintDefinition(*(*rest, tuple(columns), enforced, temporal))
            )
        return {owner: tuple(found) for owner, found in constraints.items()}

    def _read_indexes(self) -> dict[int, tuple[IndexDefinition, ...]]:
        indexes = defaultdict(list)
        of = self._of_kind[Kind.TABLE] | self._of_kind[Kind.MATERIALIZED_VIEW]
        for oid, table, schema, name, *rest, statistics in self._detail("indexes", of):
            targets = tuple((column, target) for column, target in statistics)
            indexes[table].append(IndexDefinition(oid, QualifiedName(schema, name), *(*rest, targets)))
        return {oid: tuple(found) for oid, found in indexes.items()}

    def _detail(self, name: str, items: Mapping[int, Item]) -> list[Row]:
        return _rows(self._conn, name, oids=list(items)) if items else []


def _comments(conn: Connection) -> tuple[CommentDefinition, ...]:
    return tuple(
        CommentDefinition(ObjectId(catalog, oid), kind, identity, text)
        for catalog, oid, kind, identity, text in _rows(conn, "comments")
    )


def _grants(conn: Connection) -> tuple[GrantDefinition, ...]:
    return tuple(
        GrantDefinition(ObjectId(catalog, oid), *rest) for catalog, oid, *rest in _rows(conn, "grants")
    )


def _range(name: QualifiedName, row: Row) -> RangeDefinition:
    oid, subtype, operator_class, collation, canonical, difference, multirange = row
    options = {
        "subtype": subtype,
        "subtype_opclass": operator_class,
        "collation": collation,
        "canonical": canonical,
        "subtype_diff": difference,
        "multirange_type_name": QualifiedName(name.schema, multirange).sql if multirange else None,
    }
    return RangeDefinition(oid, name, {key: value for key, value in options.items() if value is not None})


def _rows(conn: Connection, name: str, **parameters: object) -> list[Row]:
    return conn.execute(query(__package__, name), parameters or None).fetchall()
