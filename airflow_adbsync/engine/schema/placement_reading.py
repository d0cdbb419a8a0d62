"""Reads what decides where tables live: of the source its keys and policies, of the target its engines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from airflow_adbsync.engine.catalog import empty_search_path, query
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.dialect import Capabilities
from airflow_adbsync.engine.model import (
    Distribution,
    DistributionPolicy,
    Storage,
    StorageEngine,
    quote_identifier,
)
from airflow_adbsync.engine.schema.placement import Engines, SourcePlacement, UniqueKey


def read_source_placement(conn: Connection, source: Capabilities, oids: Sequence[int]) -> SourcePlacement:
    """Read the unique keys of the given tables and, from a server of the family, where they live."""
    asked = {"oids": list(oids)}
    keys: dict[int, tuple[UniqueKey, ...]] = defaultdict(tuple)
    for table, index, name, columns, *flags in _rows(conn, "unique_keys", asked):
        keys[table] += (UniqueKey(index, name, tuple(columns), *flags),)
    unspreadable: dict[int, frozenset[str]] = defaultdict(frozenset)
    for table, name in _rows(conn, "unspreadable", asked):
        unspreadable[table] |= {name}
    if not source.distributed:
        return SourcePlacement(dict(keys), unspreadable=dict(unspreadable))
    encodings: dict[int, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for table, name, options in _rows(conn, "encodings", asked):
        encodings[table][name] = tuple(options)
    return SourcePlacement(
        dict(keys),
        {
            oid: Distribution(DistributionPolicy(policy), tuple(columns))
            for oid, policy, columns in _rows(conn, "distributions", asked)
        },
        {
            oid: Storage(StorageEngine(engine), tuple(map(_option, options)))
            for oid, engine, options in _rows(conn, "storages", asked)
            if engine in set(StorageEngine)
        },
        dict(encodings),
        dict(unspreadable),
    )


def read_engines(conn: Connection, target: Capabilities) -> Engines:
    """Ask the target which engines it has, and try which of them hold a unique key.

    No version tells the latter: a temporary table is made of each, and rolled back.
    """
    if not target.distributed:
        return Engines()
    present = frozenset(row[0] for row in _rows(conn, "engines", {}))
    return Engines(present, frozenset(_keyed(conn, present)))


def _keyed(conn: Connection, engines: Iterable[str]) -> Iterable[str]:
    for engine in sorted(engines):
        try:
            with conn.transaction(force_rollback=True):
                conn.execute(
                    "CREATE TEMP TABLE adbsync_key_probe (k int PRIMARY KEY) "
                    f"USING {quote_identifier(engine)} DISTRIBUTED BY (k)"
                )
        except (psycopg.errors.FeatureNotSupported, psycopg.errors.SyntaxError):
            continue
        yield engine


def _option(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _rows(conn: Connection, name: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with empty_search_path(conn):
        return conn.execute(query(__package__, name), parameters or None).fetchall()
