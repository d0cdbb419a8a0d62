"""What arrives is what was there, by pg_dump's word: from 16 to 18, and from 18 to 16."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pytest

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.config import Objects, SchemaOptions, SyncConfig
from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local.demo import shop
from tests.databases import Database, Server, fresh_database
from tests.dumps import differences, schema_of

SQL = Path(__file__).parent / "sql"
DEMO_SHOP = Path(shop.__file__).parent / "shop.sql"
TORTURE = Objects(schemas=("shop", "Odd.Schema", "aux"))


def sync(source: Database, target: Database, objects: Objects, **options: object) -> Sync:
    config = SyncConfig(
        sync_id="dumps",
        source="a",
        target="b",
        objects=objects,
        schema=SchemaOptions.model_validate(options),
    )
    return Sync(config, source.endpoint, target.endpoint)


def carry(this: Sync) -> None:
    schema.create(this)
    schema.finish(this)
    schema.validate(this)


def said(this: Sync) -> dict[str, str]:
    with connect(this.source) as source, connect(this.target) as target:
        found = schema.unsupported(source, target, this.config)
    return {finding.subject: finding.found for finding in found}


def make_torture(database: Database) -> None:
    database.psql_file(SQL / "every_object.sql")
    database.psql_file(SQL / "torture.sql")
    if database.value("SELECT current_setting('server_version_num')::int >= 180000"):
        database.psql_file(SQL / "torture_18.sql")


# What 16 lacks of torture_18.sql, with what hangs on it.
NEWER = [
    r".* shop\.newer.*",
    r"CONSTRAINT shop\.room room_pkey",
    r"FK CONSTRAINT shop\.(booking|lenient_key) .*",
]


@dataclass(frozen=True)
class Way:
    """From one server to the other; ``same`` tells that both are of one version."""

    source: Database
    target: Database
    same: bool
    lacking: bool

    def differences(self, **how: bool) -> dict[str, str]:
        how = {"not_null_names": self.same, **how}
        expected = NEWER if self.lacking else []
        return differences(schema_of(self.source, **how), schema_of(self.target, **how), expected)


@pytest.fixture(params=["16 to 18", "18 to 16", "18 to 18"])
def way(request: pytest.FixtureRequest, source_server: Server, target_server: Server) -> Iterator[Way]:
    """Between the two servers both ways, and between two databases of the newer one."""
    servers = {"16": source_server, "18": target_server}
    first, _, second = request.param.partition(" to ")
    with (
        fresh_database(servers[first], "source") as source,
        fresh_database(servers[second], "target") as target,
    ):
        yield Way(source, target, first == second, second < first)


@pytest.mark.requires(source=15, target=15)  # NULLS NOT DISTINCT
def test_torture(way: Way) -> None:
    make_torture(way.source)
    this = sync(way.source, way.target, TORTURE)
    findings = said(this)

    carry(this)

    assert way.differences() == {}
    lacking = {
        "temporal constraints",
        "unenforced constraints",
        "unvalidated NOT NULLs",
        "virtual generated columns",
    }
    assert set(findings) == {"SECURITY DEFINER functions"} | (lacking if way.lacking else set())


def test_the_demos_shop(way: Way) -> None:
    way.source.psql_file(DEMO_SHOP)
    this = sync(way.source, way.target, Objects(schemas=("shop", "Back Office")))

    assert said(this) == {}
    carry(this)
    assert way.differences() == {}


def test_pagila(way: Way, samples: Path) -> None:
    way.source.psql_file(samples / "pagila-schema.sql", stop_on_error=False)
    this = sync(way.source, way.target, Objects(schemas=("public",)))

    assert set(said(this)) == {"SECURITY DEFINER functions"}
    carry(this)
    assert way.differences() == {}
    schema.activate(this)
    assert way.differences(firing=True) == {}


@pytest.mark.requires(source=15, target=15)  # NULLS NOT DISTINCT
def test_triggers_and_rules_are_switched_on_by_the_cut_over(way: Way) -> None:
    make_torture(way.source)
    this = sync(way.source, way.target, TORTURE)
    carry(this)

    enabled = way.target.fetch(
        """
        SELECT tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT tgisinternal AND tgenabled <> 'D' AND c.relkind <> 'v'
        UNION ALL
        SELECT rulename::text FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        WHERE ev_enabled <> 'D' AND c.relkind NOT IN ('v', 'm') AND r.oid >= 16384
        """
    )
    assert enabled == []

    assert schema.activate(this).ran > 5
    assert schema.activate(this).ran == 0
    assert way.differences(firing=True) == {}


@pytest.mark.requires(source=15)  # what torture.sql has
@pytest.mark.requires(target=15)  # what every_object.sql has
def test_triggers_can_fire_at_once_or_stay_behind(source_db: Database, target_server: Server) -> None:
    make_torture(source_db)
    there = schema_of(source_db, firing=True)
    with fresh_database(target_server, "enabled") as target:
        carry(sync(source_db, target, TORTURE, triggers="enabled"))
        assert differences(there, schema_of(target, firing=True)) == {}
    with fresh_database(target_server, "omit") as target:
        carry(sync(source_db, target, TORTURE, triggers="omit"))
        gone = differences(there, schema_of(target, firing=True))
        assert {name.split()[0] for name in gone} == {"TRIGGER", "RULE", "COMMENT"}
        left = [name for name in schema_of(target) if name.startswith(("TRIGGER", "RULE"))]
        assert all(name.endswith(" _RETURN") for name in left)


def _carry(this: Sync) -> None:
    carry(this)


@pytest.mark.requires(source=15)  # what torture.sql has
@pytest.mark.requires(target=15)  # what every_object.sql has
def test_killed_again_and_again_and_run_to_the_end(source_db: Database, target_db: Database) -> None:
    make_torture(source_db)
    this = sync(source_db, target_db, TORTURE)
    made = 0
    for wanted in (20, 90, 160, 230, 300):
        child = get_context("spawn").Process(target=_carry, args=(this,))
        child.start()
        while child.is_alive() and _statements(target_db) < wanted:
            time.sleep(0.01)
        child.kill()
        child.join()
        assert _statements(target_db) >= made
        made = _statements(target_db)
    assert made > 100

    carry(this)

    assert differences(schema_of(source_db), schema_of(target_db)) == {}


def _statements(database: Database) -> int:
    if not database.value("SELECT to_regclass('adbsync.statement') IS NOT NULL"):
        return 0
    return int(database.value("SELECT count(*) FROM adbsync.statement"))
