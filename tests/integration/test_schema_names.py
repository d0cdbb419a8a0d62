"""Names that are hard to write arrive as they are, whatever they hold."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.config import Objects, SyncConfig
from airflow_adbsync.engine.model import QualifiedName, quote_identifier
from airflow_adbsync.engine.schema.ddl.text import literal
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.dumps import differences, schema_of

# What a server takes for a name: no NUL, no lone surrogate, 63 bytes at most.
NAMES = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=63
).filter(lambda name: len(name.encode()) <= 63)
HARD = (
    "select",
    "user",
    "Two Words",
    "dot.dot",
    'quote"quote',
    """'"%s%(x)s$1{}""",
    "back\\slash",
    "日本語",
    "é\u0301",
    "line\nbreak",
    " ",
    "x" * 63,
    "日" * 21,
    "-- comment",
    "/* comment",
    ";drop",
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_the_server_reads_names_and_strings_as_they_are_meant(
    plain_session: psycopg.Connection, name: str, text: str
) -> None:
    column = plain_session.execute(f"SELECT {literal(text)} AS {quote_identifier(name)}".encode())
    assert column.description is not None
    assert column.description[0].name == name
    assert column.fetchone() == (text,)
    assert QualifiedName(name, name).sql.encode() == sql.Identifier(name, name).as_bytes(plain_session)


@pytest.fixture
def plain_session(target_db: Database) -> Iterator[psycopg.Connection]:
    with target_db.connect() as session:
        yield session


def test_tables_and_all_that_is_on_them_with_hard_names(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE FUNCTION react() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    with source_db.connect() as conn:
        for name in HARD:
            words = {"n": quote_identifier(name), "t": f"{quote_identifier(name)}.{quote_identifier(name)}"}
            for statement in (
                "CREATE SCHEMA {n}",
                "CREATE TABLE {t} ({n} int CONSTRAINT {n} CHECK ({n} > 0), other text DEFAULT {d})",
                "CREATE VIEW {n}.view AS SELECT {n} AS again FROM {t}",
                "CREATE TYPE {n}.type AS ENUM ({d}, 'more')",
                "CREATE FUNCTION {n}.{n}({n} {n}.type) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE INDEX ON {t} ({n})",
                "CREATE TRIGGER {n} BEFORE INSERT ON {t} FOR EACH ROW EXECUTE FUNCTION public.react({d})",
                "CREATE RULE {n} AS ON UPDATE TO {t} DO ALSO NOTHING",
                "CREATE POLICY {n} ON {t} USING (other = {d})",
                "CREATE STATISTICS {n}.statistics ON {n}, other FROM {t}",
                "ALTER TABLE {t} ALTER other SET STORAGE EXTERNAL",
                "COMMENT ON COLUMN {t}.{n} IS {d}",
                "COMMENT ON TRIGGER {n} ON {t} IS {d}",
            ):
                written = statement.format(**words, d=literal(name))
                conn.execute(written.encode())
    config = SyncConfig(sync_id="names", source="a", target="b", objects=Objects(schemas=("public", *HARD)))
    this = Sync(config, source_db.endpoint, target_db.endpoint)

    schema.create(this)
    schema.finish(this)

    assert differences(schema_of(source_db), schema_of(target_db)) == {}
    schema.activate(this)
    assert differences(schema_of(source_db, firing=True), schema_of(target_db, firing=True)) == {}
