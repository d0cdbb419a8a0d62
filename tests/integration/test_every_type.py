"""Every type of the servers' pg_type; arrays, ranges, composites, domains and enums over it; in both forms.

An enum's labels are the texts of the type's values, where a label can be so long. The embedded servers were
built without libxml, so that no value of type xml can be made there; on others its samples are used too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.load import columns as load_columns
from airflow_adbsync.engine.load import load_bin, plan
from tests.databases import Database
from tests.integration.started_sync import started_sync
from tests.integration.type_samples import SAMPLES, WITHOUT_INPUT

TYPES = """
    SELECT t.typname::text, t.typarray <> 0,
           EXISTS (SELECT FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod AND a.amname = 'btree'
                   WHERE o.opcintype = t.oid AND o.opcdefault)
    FROM pg_type t
    WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm', 'e')
      AND (t.typcategory <> 'A' OR t.typname IN ('oidvector', 'int2vector'))
    ORDER BY 1
"""


def shipped(source: Database, target: Database) -> list[tuple[str, bool, bool]]:
    there = {name for name, _, _ in target.fetch(TYPES)}
    found = [row for row in source.fetch(TYPES) if row[0] in there and row[0] not in WITHOUT_INPUT]
    # Before 14 an array of these came out as one of their elements.
    flat = {"int2vector", "oidvector"} if source.major < 14 else set()
    return [(name, has_array and name not in flat, is_ordered) for name, has_array, is_ordered in found]


def definitions(name: str, has_array: bool, is_ordered: bool) -> tuple[list[str], list[str]]:
    """What is to be made for a type, and the columns of its table after ``id``."""
    type_ = f'pg_catalog."{name}"'
    made = [f"CREATE DOMAIN dom_{name} AS {type_}", f"CREATE TYPE com_{name} AS (n int, v {type_})"]
    columns = [f"plain {type_}", f"domained dom_{name}", f"composed com_{name}"]
    if has_array:
        columns.append(f"listed {type_}[]")
    if labels := enum_labels(name):
        made.append(f"CREATE TYPE enu_{name} AS ENUM ({', '.join(map(quoted, labels))})")
        columns.append(f"named enu_{name}")
    if is_ordered:
        made.append(f"CREATE TYPE ran_{name} AS RANGE (subtype = {type_})")
        columns.append(f"ranged ran_{name}")
    return made, columns


def enum_labels(name: str) -> list[str]:
    """A label has 63 bytes at most, and one at least before PostgreSQL 17."""
    return [sample for sample in SAMPLES[name] if 0 < len(sample.encode()) <= 63]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def takes_xml(database: Database) -> bool:
    try:
        database.execute("SELECT '<a/>'::xml")
    except psycopg.errors.FeatureNotSupported:
        return False
    return True


def is_known(name: str, sample: str, oldest: int) -> bool:
    """Infinite numerics came with 14, a text for bytes above 127 of "char" with 16."""
    infinite = name.startswith("num") and "Infinity" in sample
    return not ((infinite and oldest < 14) or (name == "char" and sample == "\\377" and oldest < 16))


def fill(conn: Connection, name: str, columns: Sequence[str], oldest: int) -> None:
    labels = set(enum_labels(name))
    values = {
        "plain": "v",
        "domained": "v",
        "composed": f"ROW(1, v)::com_{name}",
        "listed": "ARRAY[v, NULL]",
        "named": "LABEL",
        "ranged": f"ran_{name}(v, NULL)",
    }
    names = [column.split()[0] for column in columns]
    chosen = ", ".join(values[column] for column in names)
    for n, sample in enumerate(SAMPLES[name]):
        if not is_known(name, sample, oldest):
            continue
        literal = sql.Literal(sample).as_string(conn)
        label = f"{literal}::enu_{name}" if sample in labels else "NULL"
        conn.execute(
            f"INSERT INTO t_{name} SELECT {n}, {chosen.replace('LABEL', label)} "
            f'FROM (SELECT {literal}::pg_catalog."{name}" AS v) AS s'
        )
    conn.execute(f"INSERT INTO t_{name} (id) VALUES (-1)")


@pytest.mark.parametrize("form", ["binary where it can be", "text"])
def test_every_type_that_the_servers_ship(
    source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    target_db.execute("CREATE TYPE earlier AS ENUM ()")
    types = shipped(source_db, target_db)
    unknown = {name for name, _, _ in types} - set(SAMPLES)
    assert not unknown, "write samples of these types"
    assert len(types) > (70 if min(source_db.major, target_db.major) >= 14 else 60)
    parts = {name: definitions(name, *rest) for name, *rest in types}
    made = [
        ";".join([*before, f"CREATE TABLE t_{name} (id int, {', '.join(columns)})"])
        for name, (before, columns) in parts.items()
    ]
    for database in (source_db, target_db):
        database.execute(";".join(made))
    with source_db.connect() as conn:
        for name, (_, columns) in parts.items():
            if name != "xml" or (takes_xml(source_db) and takes_xml(target_db)):
                fill(conn, name, columns, min(source_db.major, target_db.major))
    if form == "text":
        carried = load_columns._carried
        monkeypatch.setattr(
            load_columns,
            "_carried",
            lambda *words: [replace(each, doubt="said so") for each in carried(*words)],
        )
    sync = started_sync(source_db.endpoint, target_db.endpoint)
    for bin_ in plan(sync).bins:
        load_bin(sync, bin_)
    every = " UNION ALL ".join(f"SELECT 't_{name}', id, t::text FROM t_{name} t" for name in parts)
    assert target_db.fetch(f"{every} ORDER BY 1, 2") == source_db.fetch(f"{every} ORDER BY 1, 2")
