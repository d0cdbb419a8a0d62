"""The cut-over step by step: undone where it fails, fenced by revoked rights, and both ways at once.

The whole of it under load is tested with its DAGs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from airflow_adbsync.engine import cutover, load, schema
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.errors import (
    ConfigError,
    FenceLeaked,
    SwitchedOver,
    SyncRunning,
    VerificationMismatch,
)
from airflow_adbsync.engine.release import release
from airflow_adbsync.engine.replication import Stopped, Switched, apply
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.applier_thread import ApplierThread
from tests.integration.replicated import assert_same, begin, catch_up

ROLES = ("cut_owner", "cut_app", "cut_clerk")
SHOP = """
    CREATE SCHEMA shop AUTHORIZATION cut_owner;
    SET ROLE cut_owner;
    CREATE TABLE shop.item (id serial PRIMARY KEY, name text, price int);
    CREATE TABLE shop.sale (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE shop.sale_1 PARTITION OF shop.sale FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER stamp BEFORE INSERT ON shop.item FOR EACH ROW EXECUTE FUNCTION shop.stamp();
    GRANT USAGE ON SCHEMA shop TO PUBLIC;
    GRANT SELECT, INSERT, UPDATE ON shop.item TO cut_app WITH GRANT OPTION;
    GRANT UPDATE (price) ON shop.item TO cut_clerk;
    GRANT INSERT ON shop.sale_1 TO PUBLIC;
    GRANT ALL ON SEQUENCE shop.item_id_seq TO cut_app;
    SET ROLE cut_app;
    GRANT INSERT ON shop.item TO cut_clerk;
    RESET ROLE;
    INSERT INTO shop.item (name, price) SELECT 'item ' || n, n FROM generate_series(1, 50) n;
"""
ACL = """
    SELECT c.relname, acl.grantor::regrole::text, acl.grantee::regrole::text,
           acl.privilege_type, acl.is_grantable
    FROM pg_class c, LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) acl
    WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind IN ('r', 'p')
    UNION ALL
    SELECT a.attname, acl.grantor::regrole::text, acl.grantee::regrole::text,
           acl.privilege_type, acl.is_grantable
    FROM pg_attribute a, LATERAL aclexplode(a.attacl) acl
    WHERE a.attrelid IN ('shop.item'::regclass) ORDER BY 1, 2, 3, 4
"""
TRIGGER = "SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'stamp'"


@pytest.fixture
def shop(source_db: Database, target_db: Database) -> Iterator[Database]:
    for role in ROLES:
        source_db.execute(f"CREATE ROLE {role}")
    source_db.execute(SHOP)
    yield source_db
    source_db.execute(f"DROP OWNED BY {', '.join(ROLES)}; DROP ROLE {', '.join(ROLES)}")


def moved(source: Database, target: Database, schemas: list[str], **options: Any) -> Sync:
    config = SyncConfig.model_validate(
        {
            "sync_id": "moving",
            "source": "a",
            "target": "b",
            "objects": {"schemas": schemas},
            "incremental": {"retry_for": "20s"},
            **options,
        }
    )
    sync = Sync(config, source.endpoint, target.endpoint)
    begin(sync)
    schema.create(sync)
    for each in load.plan(sync).bins:
        load.load_bin(sync, each)
    schema.finish(sync)
    return sync


def test_what_fails_is_undone_to_the_last_right(shop: Database, target_db: Database) -> None:
    sync = moved(
        shop,
        target_db,
        ["shop"],
        names={"schemas": {"shop": "store"}},
        tables={"shop.item": {"name": "goods", "columns": {"price": "cost"}}},
        sequences={"margin": 1000},
        cutover={"fence": "revoke", "reverse": True},
    )
    rights = shop.fetch(ACL)
    assert ("item", "cut_app", "cut_clerk", "INSERT", False) in rights
    target_db.execute("DELETE FROM store.goods WHERE id = 7")
    with pytest.raises(VerificationMismatch):
        cutover.switch(sync)
    assert shop.fetch(ACL) == rights
    assert cutover.find_fence(sync) is None
    assert cutover.find_reverse(sync) is None
    assert target_db.value("SELECT last_value FROM store.item_id_seq") == 1
    target_db.execute("INSERT INTO store.goods VALUES (7, 'item 7', 7)")

    # Step by step, and given up before the last one.
    cutover.prepare_reverse(sync)
    cutover.fence(sync)
    assert cutover.fence(sync) == cutover.find_fence(sync)
    for role, statement in (
        ("cut_owner", "DELETE FROM shop.sale"),
        ("cut_app", "INSERT INTO shop.item (name) VALUES ('x')"),
        ("cut_clerk", "UPDATE shop.item SET price = 0"),
        ("cut_clerk", "INSERT INTO shop.sale_1 VALUES (1, '2026-02-02')"),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            shop.execute(f"SET ROLE {role}; {statement}")
    cutover.drain(sync)
    with ApplierThread(sync) as another_follower:
        another_follower.wait_until_started()
        cutover.require_silence(sync)
        assert another_follower.result().reason == "stop_requested"
    cutover.set_sequences(sync)
    cutover.activate(sync)
    assert target_db.value("SELECT nextval('store.item_id_seq')") == 1051
    assert target_db.value(TRIGGER) == "O"
    with pytest.raises(SyncRunning, match="fenced"):
        release(sync)
    assert cutover.abort(sync)
    assert not cutover.abort(sync)
    assert (shop.fetch(ACL), target_db.value(TRIGGER)) == (rights, "D")
    assert target_db.value("SELECT last_value FROM store.item_id_seq") == 1

    # A superuser gets past revoked rights, and is found out.
    cutover.fence(sync)
    cutover.drain(sync)
    shop.execute("INSERT INTO shop.item (name) VALUES ('leak')")
    with pytest.raises(FenceLeaked, match="1 changes"):
        cutover.require_silence(sync)
    cutover.abort(sync)

    made = cutover.switch(sync)
    assert made.back is not None
    assert target_db.value(TRIGGER) == "O"
    target_db.execute("UPDATE store.goods SET cost = 1000 WHERE id = 1; DELETE FROM store.goods WHERE id = 2")
    catch_up(made.back, target_db)
    assert shop.fetch("SELECT * FROM shop.item ORDER BY id") == target_db.fetch(
        "SELECT * FROM store.goods ORDER BY id"
    )
    for give_up in (lambda: cutover.abort(sync), lambda: apply(sync, Stopped())):
        with pytest.raises(SwitchedOver):
            give_up()
    assert apply(sync, Switched()).reason == "switched"
    cutover.switch(made.back)
    assert shop.fetch(ACL) == rights


@pytest.mark.requires(source=16, target=16)
def test_both_ways_at_once_nothing_loops(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE a (id int PRIMARY KEY, n int); INSERT INTO a VALUES (1, 1), (2, 2)")
    sync = moved(
        source_db,
        target_db,
        ["public"],
        incremental={"both_ways": True, "retry_for": "20s"},
        cutover={"fence": "none", "reverse": True, "verify": "none"},
    )
    back = cutover.switch(sync).back
    assert back is not None
    assert back.config.incremental.both_ways
    with ApplierThread(sync) as forth, ApplierThread(back) as home:
        forth.wait_until_started()
        home.wait_until_started()
        for n in range(10, 20):
            source_db.execute(f"INSERT INTO a VALUES ({n}, 0)")
            target_db.execute(f"INSERT INTO a VALUES ({-n}, 0)")
    source_db.execute("UPDATE a SET n = 5 WHERE id = 1")
    target_db.execute("UPDATE a SET n = 6 WHERE id = 2")
    for _ in range(2):
        catch_up(sync, source_db)
        catch_up(back, target_db)
    assert_same(source_db, target_db, "a")
    assert source_db.value("SELECT count(*) FROM a") == 22
    assert source_db.fetch("SELECT n FROM a WHERE id IN (1, 2) ORDER BY id") == [(5,), (6,)]
    release(back)
    release(sync)
    for database in (source_db, target_db):
        assert (
            database.fetch("SELECT roname FROM pg_replication_origin WHERE roname LIKE 'adbsync_moving%'")
            == []
        )


def test_no_way_back_for_rows_that_differ(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE a (id int PRIMARY KEY, n int)")
    sync = moved(
        source_db,
        target_db,
        ["public"],
        tables={"public.a": {"where": "n > 0"}},
        cutover={"reverse": True},
    )
    with pytest.raises(ConfigError, match=r"no way back for table public\.a.*where"):
        cutover.switch(sync)
    assert cutover.find_fence(sync) is None
    source_db.execute("INSERT INTO a VALUES (1, 1)")
