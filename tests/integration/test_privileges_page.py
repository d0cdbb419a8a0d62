"""An account with what docs/privileges.md grants, and no more, can do a whole sync."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from airflow_adbsync.engine import load, precheck, replica_identity, replication, schema, sequences, verify
from airflow_adbsync.engine.model import Endpoint, Status
from airflow_adbsync.engine.release import release
from airflow_adbsync.engine.start import start
from tests.databases import Database
from tests.integration.prechecked import a_sync

PAGE = Path(__file__).resolve().parents[2] / "docs" / "privileges.md"
OBJECTS = """
    CREATE ROLE {owner};
    CREATE SCHEMA shop AUTHORIZATION {owner};
    SET ROLE {owner};
    CREATE TABLE shop.orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, total int);
    CREATE TABLE shop.lines ("order" int REFERENCES shop.orders, note text);
    INSERT INTO shop.orders (total) VALUES (1), (2);
    INSERT INTO shop.lines VALUES (1, 'a');
    RESET ROLE;
"""
TRAFFIC = """
    INSERT INTO shop.orders (total) VALUES (3);
    INSERT INTO shop.lines VALUES (3, 'b');
    DELETE FROM shop.lines WHERE "order" = 1;
"""


def granted(heading: str, database: Database, role: str, owner: str) -> str:
    """The statements under a heading, for other names."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    (text, *_) = re.findall(r"^```sql\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    names = {"DATABASE shop": f"DATABASE {database.endpoint.database}", "shop_owner": owner, "adbsync": role}
    for there, here in names.items():
        text = text.replace(there, here)
    return str(text)


@contextmanager
def account(heading: str, database: Database, owner: str) -> Iterator[Endpoint]:
    """An account with those rights alone."""
    role = f"account_{uuid.uuid4().hex[:8]}"
    database.execute(f"CREATE ROLE {role} PASSWORD 'secret'")
    database.execute(f"REVOKE ALL ON DATABASE {database.endpoint.database} FROM PUBLIC")
    try:
        for statement in granted(heading, database, role, owner).splitlines():
            database.execute(statement)
        yield replace(database.endpoint, user=role, password="secret")
    finally:
        database.execute(f"DROP OWNED BY {role} CASCADE")
        database.execute(f"DROP ROLE {role}")


def test_a_whole_sync_with_what_the_page_grants(source_db: Database, target_db: Database) -> None:
    owner = f"owner_{uuid.uuid4().hex[:8]}"
    source_db.execute(OBJECTS.format(owner=owner))
    with (
        account("Source: PostgreSQL", source_db, owner) as source,
        account("Target: PostgreSQL", target_db, owner) as target,
    ):
        sync = a_sync(source, target, objects={"schemas": ["shop"]})
        report = precheck.check(sync)
        assert {finding.check for finding in report.outstanding() if finding.status is Status.FAILED} == set()
        replica_identity.prepare(sync)
        start(sync)
        schema.create(sync)
        for each in load.plan(sync).bins:
            load.load_bin(sync, each)
        schema.finish(sync)
        source_db.execute(TRAFFIC)
        replication.apply(sync, replication.CaughtUp())
        verify.raise_on_mismatch(verify.verify(sync))
        sequences.align(sync)
        schema.activate(sync)
        assert target_db.value("SELECT count(*) FROM shop.orders") == 3
        assert release(sync).left == ()
    source_db.execute(f"DROP OWNED BY {owner} CASCADE")
    source_db.execute(f"DROP ROLE {owner}")
