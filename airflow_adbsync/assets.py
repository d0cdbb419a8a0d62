"""Each synced table as an Airflow Asset: ``adbsync://<target>/<sync>/<schema>/<table>``.

``target`` is the id of the target's connection, which names server and database: what a connection holds is
not known while a DAG file is read. Schema and table are the source's names, percent-encoded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from airflow.sdk import Asset, AssetAlias

from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.hooks.sync import ConfigLike, dag_file, read_config

if TYPE_CHECKING:
    from airflow.sdk import AssetWatcher, Context
    from pydantic import JsonValue

SCHEME = "adbsync"
_FORM = "adbsync://<target connection>/<sync>/<schema>/<table>"


@dataclass(frozen=True, slots=True)
class TableEvent:
    """Something that a task did to a table; ``extra`` becomes the asset event's."""

    name: QualifiedName
    extra: Mapping[str, JsonValue]


def table_asset(config: ConfigLike, table: str, *, watchers: Iterable[AssetWatcher] = ()) -> Asset:
    """The asset of one table, to schedule a DAG on: ``schedule=[table_asset("shop.yaml", "shop.orders")]``.

    :param config: the sync, as for the operators.
    :param table: as the source names it.
    :param watchers: e.g. one with a `RelationChangedTrigger`.

    Raises:
        ConfigError: the configuration can't be read, or ``table`` is no qualified name.
    """
    read = read_config(config, dag_file(1).parent)
    try:
        name = QualifiedName.parse(table)
    except ValueError as error:
        raise ConfigError(f"Table {table!r}: {error}.", remedy="Name it as the source does.") from error
    return Asset(table_uri(read.target, read.sync_id, name), watchers=list(watchers))


def sync_alias(config: ConfigLike) -> AssetAlias:
    """The alias of all tables of a sync: a DAG that is scheduled on it runs when any of them is announced."""
    read = read_config(config, dag_file(1).parent)
    return AssetAlias(_alias_name(read.target, read.sync_id))


def alias_of(reference: str | None) -> AssetAlias | None:
    """The alias for an operator's `sync_reference`, if that is known before it runs."""
    if reference is None:
        return None
    known = json.loads(reference)
    return AssetAlias(_alias_name(known["target"], known["sync_id"]))


def table_uri(target: str, sync_id: str, name: QualifiedName) -> str:
    """The URI of a table; ``target`` is a connection's id."""
    parts = (target, sync_id, name.schema, name.name)
    return f"{SCHEME}://" + "/".join(quote(part, safe="") for part in parts)


def create_asset(
    *, target: str, sync_id: str, schema: str, table: str, extra: dict[str, JsonValue] | None = None
) -> Asset:
    """Airflow's factory for assets of this scheme."""
    return Asset(table_uri(target, sync_id, QualifiedName(schema, table)), extra=extra)


def sanitize_uri(uri: SplitResult) -> SplitResult:
    """Airflow's check of URIs of this scheme.

    Raises:
        ValueError: it is not of the form that this module makes.
    """
    parts = uri.path.split("/")
    if not uri.netloc or len(parts) != 4 or not all(parts[1:]):
        raise ValueError(f"URI {uri.geturl()!r} is not of the form {_FORM}")
    return uri


def convert_asset_to_openlineage(asset: Asset, lineage_context: Any) -> Any:  # noqa: ARG001 - Airflow's signature
    """Airflow's converter: the table on the target's server, as OpenLineage names those of PostgreSQL."""
    from airflow.providers.common.compat.openlineage.facet import Dataset  # noqa: PLC0415 - optional

    from airflow_adbsync.hooks.adbsync import AdbsyncHook  # noqa: PLC0415 - needs a connection

    parts = urlsplit(asset.uri)
    _, _, schema, table = (unquote(part) for part in parts.path.split("/"))
    endpoint = AdbsyncHook(unquote(parts.netloc)).endpoint()
    return Dataset(
        namespace=f"postgres://{endpoint.host}:{endpoint.port}", name=f"{endpoint.database}.{schema}.{table}"
    )


def announce(context: Context, reference: str | None, events: Iterable[TableEvent]) -> None:
    """Add an outlet event for each table, under the sync's alias; Airflow emits them if the task succeeds."""
    alias = alias_of(reference)
    if alias is None:
        return
    known = json.loads(reference or "{}")
    outlet = context["outlet_events"][alias]
    for event in events:
        outlet.add(Asset(table_uri(known["target"], known["sync_id"], event.name)), extra=dict(event.extra))


def _alias_name(target: str, sync_id: str) -> str:
    return f"{SCHEME}://{quote(target, safe='')}/{sync_id}"
