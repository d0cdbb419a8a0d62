"""Every type of the servers' pg_type by replication, in both forms; and the way back from binary to text."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
import pytest

from airflow_adbsync.engine.catalog import read_relations, read_server
from airflow_adbsync.engine.config import Objects
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.replication import stream, target_session
from airflow_adbsync.engine.replication.receiver import Receiver
from tests.databases import Database
from tests.integration.replicated import begin, catch_up, load, sync_of
from tests.integration.test_every_type import definitions, fill, shipped
from tests.integration.type_samples import SAMPLES


def fill_keys(conn: Connection, name: str) -> None:
    for n, sample in enumerate(SAMPLES[name]):
        conn.execute(
            f'INSERT INTO k_{name} VALUES (%s::pg_catalog."{name}", {n}) ON CONFLICT DO NOTHING', [sample]
        )


def change(conn: Connection, name: str, columns: Sequence[str], *, is_key: bool) -> None:
    """Rows trade values, are copied, and go."""
    names = [column.split()[0] for column in columns]
    traded = ", ".join(f"{column} = b.{column}" for column in names)
    count = len(SAMPLES[name])
    conn.execute(
        f"UPDATE t_{name} a SET {traded} FROM t_{name} b WHERE a.id >= 0 AND b.id = (a.id + 1) % {count};"
        f"INSERT INTO t_{name} SELECT id + 100, {', '.join(names)} FROM t_{name};"
        f"DELETE FROM t_{name} WHERE id = 0; UPDATE t_{name} SET id = 200 WHERE id = 100"
    )
    if is_key:
        conn.execute(f"UPDATE k_{name} SET n = n + 10; DELETE FROM k_{name} WHERE n = 11")


@pytest.mark.requires(source=14, target=14)  # values in binary
def test_every_type_is_replicated_in_both_forms(
    source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    types = shipped(source_db, target_db)
    parts = {name: definitions(name, *rest) for name, *rest in types}
    keys = {name for name, _, is_ordered in types if is_ordered}
    made = [
        ";".join([*before, f"CREATE TABLE t_{name} (id int PRIMARY KEY, {', '.join(columns)})"])
        for name, (before, columns) in parts.items()
    ]
    made += [f'CREATE TABLE k_{name} (v pg_catalog."{name}" PRIMARY KEY, n int)' for name in keys]
    target_db.execute("CREATE TYPE earlier AS ENUM ()")
    for database in (source_db, target_db):
        database.execute(";".join(made))
    sync = sync_of(source_db, target_db)
    begin(sync)
    load(sync)
    forms: list[bool] = []

    class Spy(Receiver):
        def __init__(self, *args: object, binary: bool, **options: object) -> None:
            forms.append(binary)
            super().__init__(*args, binary=binary, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(stream, "Receiver", Spy)
    every = " UNION ALL ".join(
        [f"SELECT 't_{name}', id::text, t::text FROM t_{name} t" for name in parts]
        + [f"SELECT 'k_{name}', n::text, v::text FROM k_{name}" for name in keys]
    )

    def require_same() -> None:
        assert target_db.fetch(f"{every} ORDER BY 1, 2, 3") == source_db.fetch(f"{every} ORDER BY 1, 2, 3")

    with source_db.connect() as conn:
        able = capabilities(read_server(conn))
        relations = read_relations(conn, Objects(schemas=("public",)))
        portable = {each.name.name for each in relations if all(column.binary for column in each.columns)}
        for name, (_, columns) in parts.items():
            try:
                fill(conn, name, columns, min(source_db.major, target_db.major))
                if name in keys:
                    fill_keys(conn, name)
            except psycopg.errors.FeatureNotSupported:
                assert name == "xml"
        catch_up(sync, source_db)
        require_same()
        assert forms == [False]

        monkeypatch.setattr(target_session, "_is_binary", lambda _: True)
        assert len(portable) > 60
        for name, (_, columns) in parts.items():
            if f"t_{name}" in portable and name != "xml":
                change(conn, name, columns, is_key=name in keys)
        catch_up(sync, source_db)
        require_same()
        assert forms == [False, able.binary_tuples]

        for name in ("regclass", "aclitem"):
            change(conn, name, parts[name][1], is_key=False)
        catch_up(sync, source_db)
        require_same()
        assert forms[2:] == ([True, False] if able.binary_tuples else [False])
