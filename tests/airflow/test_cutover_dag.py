"""The cut-over's steps as tasks of their own: undone where one fails, and made there and back.

Under load, in an Airflow that runs, the cut-over in one task is tested beside the other live tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from airflow.models import DagRun
from airflow.sdk import DAG

from airflow_adbsync import cutover_task_group
from airflow_adbsync.engine import cutover, load, replica_identity, schema
from airflow_adbsync.engine.load import Bin
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.hooks.sync import read_config
from tests.airflow import shop
from tests.airflow.runs import make_known, states
from tests.databases import Database
from tests.integration.replicated import catch_up

# What goes on beside the others, which ``dag.test()`` can't, and what needs it.
BESIDE = r"cutover\.(follow|follow_back|lag|verify)"
CONFIG = {
    **read_config(shop.CONFIG).model_dump(mode="json", exclude_defaults=True),
    "cutover": {"approval": False, "reverse": True, "verify": "full"},
}
MORE = """
    CREATE TABLE shop.line (id int PRIMARY KEY, order_id bigint REFERENCES shop.orders);
    INSERT INTO shop.line SELECT n, n FROM generate_series(1, 99) n;
    CREATE MATERIALIZED VIEW shop.turnover AS SELECT sum(total) AS total FROM shop.orders;
    CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER stamp BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.stamp()
"""
TARGET = """
    SELECT (SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'stamp'),
           (SELECT convalidated FROM pg_constraint WHERE conname = 'line_order_id_fkey'),
           (SELECT total FROM shop.turnover) = (SELECT sum(total) FROM shop.orders)
"""
EARLIER = ("fence", "drain")
LATER = ("sequences", "activate", "reverse", "take_over", "validate")


def test_step_by_step_undone_made_and_made_back(
    airflow_database: None, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    source_db.execute(MORE)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    with DAG("apart_there") as there:
        cutover_task_group(CONFIG, apart=True)
    with DAG("apart_back") as back:
        cutover_task_group(CONFIG, apart=True, back=True, release=True)
    assert not {"cutover.switch"} & (there.task_dict.keys() | back.task_dict.keys())
    sync = Sync(read_config(CONFIG), source_db.endpoint, target_db.endpoint)
    _move(sync, source_db)
    assert target_db.fetch(TARGET) == [("D", False, False)]

    target_db.execute('INSERT INTO "Back Office"."Time Sheet" VALUES (\'nobody\', 1)')
    found = states(_run(there))
    assert {found[f"cutover.{name}"].pop() for name in EARLIER} == {"success"}
    assert found["cutover.compare"] == {"failed"}
    assert {found[f"cutover.{name}"].pop() for name in LATER} == {"upstream_failed"}
    assert found["cutover.abort"] == {"success"}
    assert cutover.find_fence(sync) is None
    assert cutover.find_reverse(sync) is None
    assert target_db.fetch(TARGET) == [("D", False, False)]
    _write(source_db, 1000)

    target_db.execute('DELETE FROM "Back Office"."Time Sheet" WHERE who = \'nobody\'')
    found = states(_run(there))
    assert {found[f"cutover.{name}"].pop() for name in (*EARLIER, "compare", *LATER)} == {"success"}
    assert found["cutover.abort"] == {"skipped"}
    assert target_db.fetch(TARGET) == [("O", True, True)]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        _write(source_db, 1)
    _write(target_db, 2000)

    found = states(_run(back))
    assert {found[f"cutover.{name}"].pop() for name in (*EARLIER, "compare", "release")} == {"success"}
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        _write(target_db, 1)
    _write(source_db, 3000)
    assert source_db.fetch("SELECT total FROM shop.orders WHERE total >= 1000 ORDER BY id") == [
        (1000,),
        (2000,),
        (3000,),
    ]
    source_db.execute("DELETE FROM shop.orders WHERE total = 3000")
    shop.assert_equal(target_db, source_db)


def _move(sync: Sync, source: Database) -> None:
    """An order and its line that come between the loads of their tables leave the foreign key unchecked."""
    replica_identity.prepare(sync)
    start(sync)
    schema.create(sync)
    for number, (schema_name, name) in enumerate(
        (("shop", "orders"), ("shop", "line"), ("Back Office", "Time Sheet"))
    ):
        load.load_bin(sync, Bin(number, (QualifiedName(schema_name, name),), 0))
        if name == "orders":
            source.execute("INSERT INTO shop.orders (total) VALUES (5)")
            source.execute("INSERT INTO shop.line SELECT 100, max(id) FROM shop.orders")
    assert schema.finish(sync).postponed
    catch_up(sync, source)


def _run(dag: DAG) -> DagRun:
    make_known(dag)
    done: DagRun = dag.test(mark_success_pattern=BESIDE)
    return done


def _write(database: Database, total: int) -> None:
    """As an application does, which keeps to the database's settings."""
    at = database.endpoint
    login: dict[str, Any] = {"user": at.user, "password": at.password}
    with psycopg.connect(host=at.host, port=at.port, dbname=at.database, **login) as application:
        application.execute("INSERT INTO shop.orders (total) VALUES (%s)", (total,))
