"""A whole sync of a shop whose names, columns and types differ on the target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.sequences import align
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.verify import raise_on_mismatch, verify
from tests.databases import Database
from tests.integration.replicated import begin, follow, load

SQL = Path(__file__).parent / "sql"
SAID: dict[str, Any] = {
    "sync_id": "renamed",
    "source": "a",
    "target": "b",
    "objects": {"schemas": ["Shop"]},
    "names": {"case": "lower", "schemas": {"Shop": "The store"}},
    "tables": {
        "Shop.Customer": {"name": "people.client", "columns": {"Id": "no", "Name": "called"}},
        "Shop.Order": {
            "name": "Purchase",
            "where": '"Amount" < 1000',
            "columns": {"Id": "no", "CustomerId": "client", "Amount": {"name": "price", "type": "float8"}},
            "extra": {"origin": {"type": "text", "value": "'eu'"}},
            "primary_key": ["CustomerId", "Id"],
        },
    },
}
ROWS = """
    INSERT INTO "Shop"."Customer" ("Name", "Mood")
        SELECT 'c' || n, CASE n % 2 WHEN 0 THEN 'Bad' ELSE 'ok' END::"Shop"."Mood"
        FROM generate_series(1, 20) n;
    INSERT INTO "Shop"."Order" ("CustomerId", "Amount") SELECT n % 20 + 1, n FROM generate_series(1, 1500) n;
"""
CHANGES = """
    UPDATE "Shop"."Order" SET "Amount" = "Amount" + 500 WHERE "Id" % 3 = 0;
    UPDATE "Shop"."Customer" SET "Id" = "Id" + 100, "Name" = upper("Name") WHERE "Id" = 7;
    DELETE FROM "Shop"."Order" WHERE "Id" % 7 = 0;
    INSERT INTO "Shop"."Order" ("CustomerId", "Amount") VALUES (1, 5);
    SELECT nextval('"Shop"."Free"');
"""


@pytest.mark.requires(source=14, target=14)  # BEGIN ATOMIC
@pytest.mark.one_place("a trigger's function can't read another table there, as this shop's does")
def test_a_renamed_shop_all_the_way(source_db: Database, target_db: Database) -> None:
    source_db.psql_file(SQL / "renamed_shop.sql")
    source_db.execute('ALTER TABLE "Shop"."Order" DROP CONSTRAINT "To Customer"; ' + ROWS)
    source_db.execute(
        'ALTER TABLE "Shop"."Order" ADD CONSTRAINT "To Customer" FOREIGN KEY ("CustomerId") '
        'REFERENCES "Shop"."Customer" ON UPDATE CASCADE'
    )
    this = Sync(SyncConfig.model_validate(SAID), source_db.endpoint, target_db.endpoint)

    begin(this)
    schema.create(this)
    load(this)
    source_db.execute(CHANGES)
    schema.finish(this)
    follow(this)
    schema.validate(this)
    raise_on_mismatch(verify(this))
    moved = {str(sequence.name): sequence.after for sequence in align(this)}
    schema.activate(this)

    wanted = source_db.fetch(
        'SELECT "Id", "CustomerId", "Amount"::float8, note, \'eu\' FROM "Shop"."Order" '
        'WHERE "Amount" < 1000 ORDER BY 1'
    )
    assert len(wanted) > 500
    purchases = 'SELECT no, client, price, note, origin FROM "The store"."Purchase" ORDER BY 1'
    assert target_db.fetch(purchases) == wanted
    assert target_db.fetch("SELECT no, called, mood::text, lower FROM people.client ORDER BY 1") == (
        source_db.fetch('SELECT "Id", "Name", "Mood"::text, "Lower" FROM "Shop"."Customer" ORDER BY 1')
    )
    assert moved == {
        "people.customer_id_seq": 21,
        '"The store".free': 2,
        '"The store".order_id_seq': 1502,
    }
    target_db.execute("INSERT INTO people.client (called) VALUES ('new')")
    target_db.execute('INSERT INTO "The store"."Purchase" (client, price) VALUES (21, 5)')
    assert target_db.fetch('SELECT no, note FROM "The store"."Purchase" WHERE client = 21') == [
        (1502, 'new\'s "Order"')
    ]
