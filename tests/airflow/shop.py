"""A small shop for the DAGs in dags/: its tables, somebody who sells, and a look at both sides."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from psycopg import sql

from airflow_adbsync.engine import load, replica_identity, replication, schema
from airflow_adbsync.engine.catalog import read_relations
from airflow_adbsync.engine.config import Objects
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.hooks.sync import read_config
from tests.databases import Database

CONFIG = Path(__file__).resolve().parents[2] / "dags" / "shop.yaml"
OBJECTS = Objects(schemas=("shop", "Back Office"))


def make_shop(source: Database) -> None:
    """Two schemas, a table with a key and one without."""
    source.execute(
        """
        CREATE SCHEMA shop;
        CREATE SCHEMA "Back Office";
        CREATE TABLE shop.orders (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            total numeric(12, 2) NOT NULL
        );
        CREATE TABLE "Back Office"."Time Sheet" (who text, hours numeric);
        INSERT INTO shop.orders (total) SELECT n FROM generate_series(1, 500) AS n;
        INSERT INTO "Back Office"."Time Sheet" SELECT 'w' || n % 3, n FROM generate_series(1, 50) AS n;
        """
    )


def sell(source: Database) -> None:
    """A few changes of every kind."""
    source.execute(
        """
        INSERT INTO shop.orders (total) VALUES (12.5), (13);
        UPDATE shop.orders SET total = total + 1 WHERE id % 50 = 0;
        DELETE FROM shop.orders WHERE id = (SELECT min(id) FROM shop.orders);
        INSERT INTO "Back Office"."Time Sheet" VALUES ('w1', 8), ('w1', 8);
        DELETE FROM "Back Office"."Time Sheet" WHERE hours = 3;
        """
    )


class Seller(threading.Thread):
    """Sells until a while after the applier has begun, then asks it to stop."""

    def __init__(self, source: Database, target: Database) -> None:
        super().__init__(daemon=True)
        self._source = source
        self._target = target
        self.sold = 0
        self.sold_while_applying = 0

    def run(self) -> None:
        while self.sold_while_applying < 20:
            sell(self._source)
            self.sold += 1
            self.sold_while_applying += self._is_applied()
            time.sleep(0.02)
        replication.request_stop(sync(self._source, self._target))

    def _is_applied(self) -> bool:
        if not self._target.value("SELECT to_regclass('adbsync.progress') IS NOT NULL"):
            return False
        return bool(self._target.value("SELECT count(*) FROM adbsync.progress WHERE epoch > 0"))


def sync(source: Database, target: Database) -> Sync:
    """The shop's sync, as the engine knows it."""
    return Sync(read_config(CONFIG), source.endpoint, target.endpoint)


def move(shop: Sync) -> None:
    """All phases up to incremental, by the engine alone."""
    replica_identity.prepare(shop)
    start(shop)
    schema.create(shop)
    for each in load.plan(shop).bins:
        load.load_bin(shop, each)
    schema.finish(shop)


def assert_equal(source: Database, target: Database, objects: Objects = OBJECTS) -> None:
    """Both sides hold the same rows, compared here and not by the engine's own verification."""
    with source.connect() as there, target.connect() as here:
        names = [relation.name for relation in read_relations(there, objects)]
        assert names
        for name in names:
            # Columns by their names: physical order may differ.
            query = sql.SQL("SELECT to_jsonb(t)::text FROM ONLY {} AS t ORDER BY 1").format(
                sql.Identifier(name.schema, name.name)
            )
            assert there.execute(query).fetchall() == here.execute(query).fetchall(), name


def assert_nothing_left(source: Database, target: Database) -> None:
    """No slot, no publication, no record."""
    database = source.endpoint.database
    assert source.fetch("SELECT slot_name FROM pg_replication_slots WHERE database = %s", database) == []
    assert source.fetch("SELECT pubname FROM pg_publication") == []
    assert target.fetch("SELECT sync_id FROM adbsync.sync") == []
