"""Servers and small tables for the tests of the DDL."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import Family, QualifiedName, Server
from airflow_adbsync.engine.schema.definitions import ColumnDefinition, TableDefinition
from airflow_adbsync.engine.schema.statement import Draft

POSTGRESQL_16 = capabilities(Server(Family.POSTGRESQL, 160000, "", "", 0, "db"))
POSTGRESQL_18 = capabilities(Server(Family.POSTGRESQL, 180000, "", "", 0, "db"))
GREENPLUM = capabilities(Server(Family.GREENPLUM, 120000, "", "", 0, "db"))

ODD = QualifiedName("Odd.Schema", 'select "x" y')


def sql(drafts: Iterable[Draft]) -> dict[str, str]:
    return {draft.object: draft.sql for draft in drafts}


T = QualifiedName("public", "t")


def table(oid: int = 1, name: QualifiedName = T, **more: object) -> TableDefinition:
    columns = (ColumnDefinition("id", "bigint", not_null=True),)
    return TableDefinition(oid, name, **{"kind": "r", "columns": columns, **more})  # type: ignore[arg-type]


def tables(*found: TableDefinition) -> dict[int, TableDefinition]:
    return {item.oid: item for item in found}
