"""A managed sync service's description of a job (DTS: `DbList` and `Reserve`) as a configuration.

Both forms of the first are read: the map of schemas, and the older array of `MigrationObject`, which is
turned into the map. What has no counterpart is named, never dropped quietly.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from airflow_adbsync.engine.config.dts_settings import read_settings
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import QualifiedName, quote_identifier

Document = Mapping[str, Any]
_OPERATIONS = {"i": "insert", "u": "update", "d": "delete"}
_WITH_SCHEMA = (
    *("View", "Sequence", "Function", "Procedure", "Index"),
    *("Rule", "Domain", "Operator", "Aggregate"),
)
_OF_BOTH = ("name", "all", "dml_op", "ddl_op", "filterType", "patternType")
_OF_SCHEMA = frozenset((*_OF_BOTH, "Table", *_WITH_SCHEMA))
_OF_TABLE = frozenset((*_OF_BOTH, "filter", "primary_key", "part_key", "column"))
_OF_COLUMN = frozenset({"name"})


def read_job(db_list: str | Document | Sequence[Document], reserve: str | Document) -> _Job:
    """Read both descriptions, as JSON or as what it holds.

    Raises:
        ConfigError: they are not what the service documents.
    """
    objects, settings = _parsed(db_list, "DbList"), _parsed(reserve, "Reserve")
    if isinstance(objects, Sequence):
        objects = _from_array(objects)
    if not isinstance(objects, Mapping) or not isinstance(settings, Mapping):
        raise _not_understood("DbList" if isinstance(settings, Mapping) else "Reserve", "no JSON object")
    job = _Job()
    for schema, said in objects.items():
        job.add_schema(schema, said)
    written, left_out = read_settings(settings)
    for key, value in written.items():
        job.written.setdefault(key, {}).update(value)
    job.left_out += left_out
    return job


class _Job:
    """The configuration as it is written down, bit by bit, and what could not be."""

    def __init__(self) -> None:
        self.written: dict[str, dict[str, Any]] = {"objects": {}}
        self.left_out: list[str] = []

    def add_schema(self, schema: str, said: Document) -> None:
        """Take up a schema with its tables."""
        _require(said, f"schema {schema}")
        self._leave(said, _OF_SCHEMA, f"schema {schema}")
        if said.get("name", schema) != schema:
            self._section("names").setdefault("schemas", {})[schema] = said["name"]
        whole = _flag(said.get("all", True))
        tables: Document = said.get("Table") or {}
        black = str(said.get("filterType", "")).upper() == "BLACK"
        if whole or black:
            self._objects("schemas").append(schema)
        for name, table in tables.items():
            inherited = {key: said[key] for key in ("dml_op", "ddl_op", "patternType") if key in said}
            self._add_table(schema, name, {**inherited, **table}, selected=whole, excluded=black)
        if whole and "dml_op" in said and not tables:
            self._whole_schema_operations(schema, said["dml_op"])
        self._ddl(said)
        if not whole:
            self.left_out += [
                f"{kind.lower()} {schema}.{name}: select the schema, with which it comes along"
                for kind in _WITH_SCHEMA
                for name in said.get(kind) or {}
            ]

    def _add_table(self, schema: str, name: str, said: Document, *, selected: bool, excluded: bool) -> None:
        excluded = excluded or str(said.get("filterType", "")).upper() == "BLACK"
        if pattern := _pattern(schema, name, said):
            self._objects("excluding" if excluded else "matching").append(pattern)
            shaping = [key for key in ("filter", "column", "primary_key", "part_key") if said.get(key)]
            if shaping or said.get("name", name) != name:
                self.left_out.append(f"pattern {schema}.{name}: what it says beside the selection")
            return
        table = str(QualifiedName(schema, name))
        if excluded:
            self._objects("exclude").append(table)
            return
        if not selected:
            self._objects("tables").append(table)
        self._leave(said, _OF_TABLE, f"table {table}")
        if options := self._options(table, name, said):
            self._section("tables")[table] = options
        if keys := _names(said.get("part_key")):
            self._section("distribution").setdefault("tables", {})[table] = keys
        self._ddl(said)

    def _options(self, table: str, name: str, said: Document) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if said.get("name", name) != name:
            found["name"] = quote_identifier(said["name"]) if "." in said["name"] else said["name"]
        if said.get("filter"):
            found["where"] = said["filter"].strip().removesuffix(";")
        columns: Document = said.get("column") or {}
        for column, about in columns.items():
            self._leave(about, _OF_COLUMN, f"column {column} of table {table}")
        renamed = {key: about["name"] for key, about in columns.items() if about.get("name", key) != key}
        if renamed:
            found["columns"] = renamed
        if columns and not _flag(said.get("all", True)):
            found["only"] = list(columns)
        if keys := _names(said.get("primary_key")):
            found["primary_key"] = keys
        operations = _operations(said.get("dml_op"))
        if operations and len(operations) < len(_OPERATIONS):
            found["operations"] = operations
        return found

    def _whole_schema_operations(self, schema: str, dml: str) -> None:
        """There is one rule for all tables of which nothing is said."""
        operations = _operations(dml)
        known = self._section("incremental").setdefault("operations", operations)
        if known != operations:
            self.left_out.append(f"schema {schema}: dml_op {dml}, where other schemas have another one")

    def _ddl(self, said: Document) -> None:
        wanted = str(said.get("ddl_op") or "").lower()
        if "add column" in wanted or "alter table" in wanted:
            self._section("incremental")["ddl"] = "add_columns"
        if wanted:
            self._say_once("ddl_op: of DDL on the source only new columns are carried")

    def _leave(self, said: Document, known: frozenset[str], where: str) -> None:
        for key in said:
            if key not in known:
                self.left_out.append(f"{where}: {key}")

    def _say_once(self, what: str) -> None:
        if what not in self.left_out:
            self.left_out.append(what)

    def _section(self, name: str) -> dict[str, Any]:
        return self.written.setdefault(name, {})

    def _objects(self, key: str) -> list[str]:
        return self.written["objects"].setdefault(key, [])  # type: ignore[no-any-return]


def _parsed(text: Any, what: str) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text) if text.strip() else {}
    except json.JSONDecodeError as error:
        raise _not_understood(what, f"not JSON: {error}") from error


def _from_array(objects: Sequence[Document]) -> Document:
    """The map that says the same as an array of the older form."""
    found: dict[str, Any] = {}
    for said in objects:
        _require(said, "an entry")
        schema = said.get("SchemaName") or said.get("DBName")
        if not schema:
            raise _not_understood("DbList", "an entry has neither SchemaName nor DBName")
        tables = {table["TableName"]: _table_of(table) for table in said.get("TableIncludes") or ()}
        excludes = {table["TableName"]: {"filterType": "BLACK"} for table in said.get("TableExcludes") or ()}
        found[schema] = {
            "name": said.get("NewSchemaName" if said.get("SchemaName") else "NewDBName") or schema,
            "all": said.get("AllTable", not tables),
            "Table": {**tables, **excludes},
        }
    return found


def _table_of(said: Document) -> dict[str, Any]:
    columns = {
        column["ColumnName"]: {"name": column.get("NewColumnName") or column["ColumnName"]}
        for column in said.get("ColumnIncludes") or ()
    }
    found = {
        "name": said.get("NewTableName") or said["TableName"],
        "filter": said.get("FilterCondition"),
        "primary_key": said.get("PrimaryKey"),
        "part_key": said.get("PartKey"),
        "column": columns,
        "all": not columns,
    }
    if excludes := [column["ColumnName"] for column in said.get("ColumnExcludes") or ()]:
        found["ColumnExcludes"] = excludes
    return {key: value for key, value in found.items() if value or key == "all"}


def _pattern(schema: str, name: str, said: Document) -> str:
    """The regular expression for a pattern's tables, or nothing."""
    match str(said.get("patternType", "")).upper():
        case "REGEX":
            return f"{re.escape(schema)}\\.(?:{name})"
        case "FNMATCH":
            return f"{re.escape(schema)}\\.{fnmatch.translate(name)}"
        case _:
            return ""


def _operations(said: str | None) -> list[str]:
    letters = [letter.strip().lower()[:1] for letter in (said or "").split(",") if letter.strip()]
    return [name for letter, name in _OPERATIONS.items() if letter in letters]


def _names(said: str | Sequence[str] | None) -> list[str]:
    parts = said.split(",") if isinstance(said, str) else (said or ())
    return [part.strip() for part in parts if part.strip()]


def _flag(said: Any) -> bool:
    return said if isinstance(said, bool) else str(said).lower() == "true"


def _require(said: Any, where: str) -> None:
    if not isinstance(said, Mapping):
        raise _not_understood("DbList", f"{where} is no JSON object")


def _not_understood(what: str, why: str) -> ConfigError:
    return ConfigError(
        f"`{what}` can't be read: {why}.", remedy="Paste the JSON as the service shows it for the job."
    )
