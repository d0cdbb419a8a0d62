"""Incremental replication of tables that have another shape on the target."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_adbsync.engine import state
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.errors import RowExists, RowMissing, TruncateRefused
from airflow_adbsync.engine.model import Snapshot
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.replicated import begin, follow

ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY, amount numeric, state text, note text)"


def started(source: Database, target: Database, **said: Any) -> Sync:
    """A sync whose tables count as loaded, empty as they are."""
    written = {
        "sync_id": "reshaped",
        "source": "a",
        "target": "b",
        "objects": {"schemas": ["public"]},
        "replica_identity": {"retry_for": "5s"},
        **said,
    }
    sync = Sync(SyncConfig.model_validate(written), source.endpoint, target.endpoint)
    begin(sync)
    snapshot = Snapshot.parse(str(source.value("SELECT txid_current_snapshot()::text")))
    with target.connect() as conn:
        for name in state.relations.read(conn, sync.sync_id):
            state.relations.set_loaded(
                conn, sync.sync_id, name, snapshot=snapshot, rows=0, bytes_=0, seconds=0
            )
        conn.commit()
    return sync


def test_new_names_of_schema_table_and_columns(source_db: Database, target_db: Database) -> None:
    source_db.execute(ORDERS)
    target_db.execute(
        'CREATE SCHEMA "Store"; CREATE TABLE "Store"."Sold things" '
        '("ORDER ID" bigint PRIMARY KEY, amount numeric, state text, note text)'
    )
    sync = started(
        source_db,
        target_db,
        names={"schemas": {"public": "Store"}},
        tables={"public.orders": {"name": '"Sold things"', "columns": {"id": "ORDER ID"}}},
    )
    source_db.execute("INSERT INTO orders SELECT n, n, 'new', 'x' FROM generate_series(1, 20) n")
    source_db.execute("UPDATE orders SET id = id + 100, note = NULL WHERE id % 2 = 0")
    source_db.execute("DELETE FROM orders WHERE id < 6; UPDATE orders SET amount = -1 WHERE id > 100")

    follow(sync)

    expected = source_db.fetch("SELECT * FROM orders ORDER BY 1")
    assert len(expected) == 17
    assert target_db.fetch('SELECT * FROM "Store"."Sold things" ORDER BY 1') == expected
    source_db.execute("TRUNCATE orders")
    follow(sync)
    assert target_db.fetch('SELECT * FROM "Store"."Sold things"') == []


RESHAPED = {
    "public.orders": {
        "columns": {
            "amount": {"name": "cents", "type": "bigint", "value": "amount * 100"},
            "note": False,
            "state": {"type": "varchar(3)"},
        },
        "extra": {"origin": {"type": "text", "value": "'eu'"}},
    }
}
# What the target must hold of the source.
SHAPE = "SELECT id, (amount * 100)::bigint, state::varchar(3), 'eu' AS origin FROM orders"


@pytest.mark.parametrize("key", ["PRIMARY KEY (id)", "PRIMARY KEY (origin, id)", "CHECK (id IS NOT NULL)"])
def test_values_types_left_out_and_extra_columns(key: str, source_db: Database, target_db: Database) -> None:
    source_db.execute(ORDERS)
    if key.startswith("CHECK"):
        source_db.execute("ALTER TABLE orders DROP CONSTRAINT orders_pkey")
    target_db.execute(f"CREATE TABLE orders (id bigint, cents bigint, state varchar(3), origin text, {key})")
    sync = started(source_db, target_db, tables=RESHAPED)
    source_db.execute(
        "INSERT INTO orders SELECT n, n + 0.25, 'state' || n, repeat('x', 9000) FROM generate_series(1, 50) n"
    )
    follow(sync)
    assert target_db.fetch("SELECT * FROM orders ORDER BY 1") == source_db.fetch(f"{SHAPE} ORDER BY 1")

    source_db.execute("UPDATE orders SET id = -id WHERE id % 3 = 0; UPDATE orders SET amount = NULL")
    source_db.execute("UPDATE orders SET amount = id; DELETE FROM orders WHERE id % 5 = 0")
    follow(sync)

    assert target_db.fetch("SELECT * FROM orders ORDER BY 1") == source_db.fetch(f"{SHAPE} ORDER BY 1")
    assert target_db.value("SELECT count(*) FROM orders") == 40


@pytest.mark.parametrize("key", ["PRIMARY KEY (id)", "CHECK (id IS NOT NULL)"])
def test_rows_move_in_and_out_of_a_filter(key: str, source_db: Database, target_db: Database) -> None:
    table = f"CREATE TABLE orders (id bigint, amount numeric, state text, note text, {key})"
    source_db.execute(table)
    target_db.execute(table)
    where = "amount > 10 AND orders.state <> 'gone'"
    sync = started(source_db, target_db, tables={"public.orders": {"where": where}})
    source_db.execute(
        "INSERT INTO orders SELECT n, n, 'new', repeat(md5(n::text), 200) FROM generate_series(1, 30) n"
    )
    follow(sync)
    for change in (
        "UPDATE orders SET amount = amount + 5",
        "UPDATE orders SET state = 'gone' WHERE id % 4 = 0",
        "UPDATE orders SET state = 'back' WHERE id % 8 = 0",
        "UPDATE orders SET id = id + 1000 WHERE id % 3 = 0",
        "UPDATE orders SET state = NULL WHERE id = 23",
        "DELETE FROM orders WHERE id % 5 = 0",
        "UPDATE orders SET amount = amount - 20",
        "INSERT INTO orders VALUES (5, 50, 'new', ''), (6, 1, 'new', '')",
    ):
        source_db.execute(change)
    follow(sync)

    expected = source_db.fetch(f"SELECT * FROM orders WHERE {where} ORDER BY 1")
    assert target_db.fetch("SELECT * FROM orders ORDER BY 1") == expected
    assert 3 < len(expected) < 30


def test_operations_that_are_not_carried(source_db: Database, target_db: Database) -> None:
    tables = "; ".join(
        f"CREATE TABLE {name} (id int PRIMARY KEY, n int)" for name in ("kept", "fixed", "seen")
    )
    source_db.execute(tables)
    target_db.execute(tables)
    sync = started(
        source_db,
        target_db,
        tables={
            "public.kept": {"operations": ["insert", "update"]},
            "public.fixed": {"operations": ["insert", "delete"]},
            "public.seen": {"operations": ["insert"]},
        },
    )
    for name in ("kept", "fixed", "seen"):
        source_db.execute(f"INSERT INTO {name} SELECT n, n FROM generate_series(1, 4) n")
        source_db.execute(f"UPDATE {name} SET n = 10 * n WHERE id > 1; DELETE FROM {name} WHERE id = 2")
        source_db.execute(f"INSERT INTO {name} VALUES (2, 7)")
        source_db.execute(f"DELETE FROM {name} WHERE id = 4")
        follow(sync)
        source_db.execute(f"DELETE FROM {name} WHERE id = 3; INSERT INTO {name} VALUES (3, 8)")
    source_db.execute("TRUNCATE kept, fixed, seen")
    follow(sync)

    assert target_db.fetch("SELECT * FROM kept ORDER BY 1") == [(1, 1), (2, 7), (3, 8), (4, 40)]
    assert target_db.fetch("SELECT * FROM fixed ORDER BY 1") == []
    assert target_db.fetch("SELECT * FROM seen ORDER BY 1") == [(1, 1), (2, 7), (3, 8), (4, 4)]


CONFLICTS = (
    "INSERT INTO t VALUES (1, 'source')",  # is there
    "UPDATE t SET note = 'source' WHERE id = 2",  # is missing
    "DELETE FROM t WHERE id = 3",  # is missing
    "UPDATE t SET id = 40 WHERE id = 4",  # its new place is taken
)


def _conflicting(source: Database, target: Database, rule: str) -> Sync:
    for database in (source, target):
        database.execute("CREATE TABLE t (id int PRIMARY KEY, note text)")
    sync = started(source, target, incremental={"on_conflict": rule, "retry_for": "5s"})
    source.execute("INSERT INTO t VALUES (2, 'old'), (3, 'old'), (4, 'old'), (5, 'old')")
    follow(sync)
    target.execute("DELETE FROM t WHERE id IN (2, 3); INSERT INTO t VALUES (1, 'target'), (40, 'target')")
    return sync


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        ("overwrite", [(1, "source"), (2, "source"), (5, "fine"), (40, "old")]),
        ("ignore", [(1, "target"), (4, "old"), (5, "fine"), (40, "target")]),
    ],
)
def test_conflicts_that_are_put_up_with_are_counted(
    rule: str, rows: list[tuple[int, str]], source_db: Database, target_db: Database
) -> None:
    sync = _conflicting(source_db, target_db, rule)
    source_db.execute(";".join((*CONFLICTS, "UPDATE t SET note = 'fine' WHERE id = 5")))

    follow(sync)

    assert target_db.fetch("SELECT * FROM t ORDER BY 1") == rows
    assert target_db.value("SELECT conflicts FROM adbsync.relation") == 4


@pytest.mark.parametrize(
    ("change", "error"), list(zip(CONFLICTS, (RowExists, RowMissing, RowMissing, RowExists), strict=True))
)
def test_by_default_each_of_them_is_an_error_that_applies_nothing(
    change: str, error: type[Exception], source_db: Database, target_db: Database
) -> None:
    sync = _conflicting(source_db, target_db, "fail")
    source_db.execute(f"UPDATE t SET note = 'fine' WHERE id = 5; {change}")

    with pytest.raises(error, match="on_conflict: overwrite"):
        follow(sync)

    assert target_db.value("SELECT note FROM t WHERE id = 5") == "old"


def test_a_keyless_row_that_is_missing_is_put_up_with(source_db: Database, target_db: Database) -> None:
    for database in (source_db, target_db):
        database.execute("CREATE TABLE t (note text)")
    sync = started(source_db, target_db, incremental={"on_conflict": "ignore"})
    source_db.execute("INSERT INTO t VALUES ('a'), ('a'), ('b')")
    follow(sync)
    target_db.execute("DELETE FROM t WHERE note = 'a'")
    source_db.execute("UPDATE t SET note = 'c' WHERE note = 'a'; DELETE FROM t WHERE note = 'b'")

    follow(sync)

    assert target_db.fetch("SELECT * FROM t") == [("c",), ("c",)]
    assert target_db.value("SELECT conflicts FROM adbsync.relation") == 2


@pytest.mark.parametrize(("rule", "left"), [("apply", [(2,)]), ("ignore", [(1,), (2,)])])
def test_a_truncate_is_applied_or_passed_by(
    rule: str, left: list[tuple[int]], source_db: Database, target_db: Database
) -> None:
    for database in (source_db, target_db):
        database.execute("CREATE TABLE t (n int PRIMARY KEY)")
    sync = started(source_db, target_db, incremental={"truncate": rule})
    source_db.execute("INSERT INTO t VALUES (1)")
    source_db.execute("TRUNCATE t; INSERT INTO t VALUES (2)")

    follow(sync)

    assert target_db.fetch("SELECT * FROM t ORDER BY 1") == left


def test_a_truncate_is_refused_after_all_that_came_before(source_db: Database, target_db: Database) -> None:
    for database in (source_db, target_db):
        database.execute("CREATE TABLE t (n int PRIMARY KEY)")
    sync = started(source_db, target_db, incremental={"truncate": "refuse", "retry_for": "5s"})
    source_db.execute("INSERT INTO t VALUES (1)")
    source_db.execute("TRUNCATE t")

    with pytest.raises(TruncateRefused, match=r"public\.t .*truncate: ignore"):
        follow(sync)

    assert target_db.fetch("SELECT * FROM t") == [(1,)]
