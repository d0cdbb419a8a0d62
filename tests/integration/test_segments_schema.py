"""The schema phase onto a server of segments: every object that one takes, and other names there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify import raise_on_mismatch, verify
from tests.databases import Database
from tests.dumps import differences, schema_of
from tests.integration.replicated import begin, follow, load

SQL = Path(__file__).parent / "sql"
RENAMED: dict[str, Any] = {
    "objects": {"schemas": ["shop"]},
    "names": {"case": "lower", "schemas": {"shop": "The store"}},
    "tables": {
        "shop.orders": {
            "name": "purchases",
            "where": "amount < 1000",
            "columns": {"Customer": "client", "secret": False, "amount": {"name": "price", "type": "float8"}},
            "extra": {"origin": {"type": "text", "value": "'eu'"}},
        },
        "shop.Log": {"columns": {"Day": "at"}},
    },
    "distribution": {"tables": {"shop.orders": ["Customer"], "shop.Log": ["Day"]}},
    "storage": {"tables": {"shop.Log": {"engine": "ao_column", "options": {"compresstype": "zlib"}}}},
}
TABLES = """
    CREATE SCHEMA shop;
    CREATE TABLE shop.orders ("Customer" int, id int, amount numeric, secret text, note text,
                              PRIMARY KEY ("Customer", id));
    CREATE TABLE shop."Log" ("Day" date, line text);
    CREATE INDEX ON shop.orders (amount, "Customer");
    CREATE VIEW shop.totals AS SELECT "Customer", sum(amount) AS "Total" FROM shop.orders GROUP BY "Customer";
    ALTER TABLE shop."Log" REPLICA IDENTITY FULL;
    INSERT INTO shop.orders SELECT n % 40, n, n, 'secret', 'note ' || n FROM generate_series(1, 1500) n;
    INSERT INTO shop."Log" SELECT date '2026-01-01' + n % 9, 'line ' || n % 50 FROM generate_series(1, 300) n;
"""
CHANGES = """
    UPDATE shop.orders SET amount = amount + 500 WHERE id % 3 = 0;
    UPDATE shop.orders SET "Customer" = "Customer" + 100 WHERE id % 11 = 0;
    DELETE FROM shop.orders WHERE id % 7 = 0;
    INSERT INTO shop.orders VALUES (1, 9000, 5);
    UPDATE shop."Log" SET "Day" = "Day" + 30 WHERE ctid IN (SELECT ctid FROM shop."Log" LIMIT 20);
    DELETE FROM shop."Log" WHERE ctid IN (SELECT ctid FROM shop."Log" WHERE line = 'line 7' LIMIT 2)
"""


def sync_of(source: Database, target: Database, **said: Any) -> Sync:
    config = {
        "sync_id": "segments",
        "source": "a",
        "target": "b",
        "incremental": {"retry_for": "20s"},
        **said,
    }
    return Sync(SyncConfig.model_validate(config), source.endpoint, target.endpoint)


def test_every_object_that_segments_take(source_db: Database, segments: Database) -> None:
    source_db.psql_file(SQL / "segments_objects.sql")
    sync = sync_of(source_db, segments, objects={"schemas": ["shop", "Odd.Schema"]})

    created, finished = schema.create(sync), schema.finish(sync)
    again, finished_again = schema.create(sync), schema.finish(sync)

    # Kernel 12 has no multiranges, and writes every column of a view with its table.
    expected = ["TYPE shop.span", "VIEW .*"]
    different = differences(schema_of(source_db), schema_of(segments), expected)
    assert different == {}
    assert (created.left_out, finished.postponed) == ((), ())
    assert (again.ran, finished_again.ran) == (0, 0)


def test_other_names_columns_and_the_distribution_follow(source_db: Database, segments: Database) -> None:
    source_db.execute(TABLES)
    sync = sync_of(source_db, segments, **RENAMED)
    begin(sync)
    schema.create(sync)
    load(sync)
    schema.finish(sync)
    for change in CHANGES.split(";\n"):
        source_db.execute(change)

    follow(sync)

    raise_on_mismatch(verify(sync))
    policies = """
        SELECT relname, pg_get_table_distributedby(oid) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = '"The store"'::regnamespace
    """
    assert dict(segments.fetch(policies)) == {
        "purchases": "DISTRIBUTED BY (client)",
        "log": "DISTRIBUTED BY (at)",
    }
    orders = """
        SELECT "Customer", id, amount::float8, note, 'eu' FROM shop.orders WHERE amount < 1000 ORDER BY 1, 2
    """
    wanted = source_db.fetch(orders)
    assert len(wanted) > 500
    purchases = 'SELECT client, id, price, note, origin FROM "The store".purchases ORDER BY 1, 2'
    assert segments.fetch(purchases) == wanted
    lines = source_db.fetch('SELECT "Day", line FROM shop."Log" ORDER BY 1, 2')
    assert segments.fetch('SELECT at, line FROM "The store".log ORDER BY 1, 2') == lines
    assert segments.value('SELECT count(*) FROM "The store".totals') > 0
