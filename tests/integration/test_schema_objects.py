"""What the schema phase says that it does not carry, and what it does with what acts by itself."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any, cast

import pytest

from airflow_adbsync.engine import schema, state
from airflow_adbsync.engine.catalog import empty_search_path
from airflow_adbsync.engine.config import Objects, SchemaOptions, SyncConfig
from airflow_adbsync.engine.connect import Connection, connect
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.errors import SyncUnknown
from airflow_adbsync.engine.model import Family, Finding, Server
from airflow_adbsync.engine.schema.reading import read_definitions, read_inventory
from airflow_adbsync.engine.schema.surveying import survey
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.dumps import differences, schema_of


def sync(source: Database, target: Database, **options: object) -> Sync:
    config = SyncConfig(
        sync_id="objects",
        source="a",
        target="b",
        objects=Objects(schemas=("public",)),
        schema=SchemaOptions.model_validate(options),
    )
    return Sync(config, source.endpoint, target.endpoint)


def carry(this: Sync) -> None:
    schema.create(this)
    schema.finish(this)


def unsupported(this: Sync) -> dict[str, Finding]:
    with connect(this.source) as source, connect(this.target) as target:
        found = schema.unsupported(source, target, this.config)
    assert all(finding.remedy for finding in found)
    return {finding.subject: finding for finding in found}


def test_what_is_not_carried_is_said_beforehand(source_db: Database, target_db: Database) -> None:
    role = f"reader_of_{source_db.endpoint.database}"
    source_db.execute(f"CREATE ROLE {role}")
    source_db.execute(
        f"""
        CREATE ACCESS METHOD other_heap TYPE TABLE HANDLER heap_tableam_handler;
        CREATE TABLE t (id int PRIMARY KEY, v text) USING other_heap;
        CREATE FUNCTION react() RETURNS trigger LANGUAGE internal AS 'suppress_redundant_updates_trigger';
        CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION react();
        CREATE POLICY po ON t TO {role} USING (true);
        CREATE FUNCTION as_owner() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
        CREATE FUNCTION fast(text) RETURNS text LANGUAGE internal IMMUTABLE STRICT AS 'upper';
        CREATE VIEW faster AS SELECT fast(v) FROM t;
        CREATE VIEW on_faster AS SELECT * FROM faster;
        CREATE OPERATOR !! (RIGHTARG = text, FUNCTION = fast);
        CREATE UNLOGGED TABLE un (id int);
        CREATE FOREIGN DATA WRAPPER w;
        CREATE SERVER s FOREIGN DATA WRAPPER w;
        CREATE FOREIGN TABLE fo (a int) SERVER s;
        CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one;
        CREATE SCHEMA elsewhere;
        CREATE TABLE elsewhere.parent (id int PRIMARY KEY);
        CREATE TABLE child (f int REFERENCES elsewhere.parent) INHERITS (elsewhere.parent);
        CREATE TABLE elsewhere.heir () INHERITS (t);
        CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER ev ON ddl_command_end EXECUTE FUNCTION watch();
        GRANT SELECT ON t TO {role};
        SELECT lo_create(0);
        """
    )
    try:
        findings = unsupported(sync(source_db, target_db))
    finally:
        source_db.execute(f"DROP EVENT TRIGGER ev; DROP OWNED BY {role}; DROP ROLE {role}")

    assert set(findings) == {
        "access methods",
        'trigger "tr" on public.t',
        'policy "po" on public.t',
        "SECURITY DEFINER functions",
        "function public.react()",
        "function public.fast(text)",
        "view public.faster",
        "view public.on_faster",
        "operator public.!! (NONE, text)",
        "table public.un",
        "foreign table public.fo",
        "table public.child",
        "table public.t",
        "foreign keys",
        "event triggers",
        "privileges",
        "large objects",
    }
    assert "needs view public.faster" in findings["view public.on_faster"].found


def test_privileges_are_carried_where_they_are_asked_for(source_db: Database, target_db: Database) -> None:
    """Roles are the server's: one of the source alone is left out, and said."""
    both, here = (f"{name}_of_{source_db.endpoint.database}" for name in ("both", "here"))
    source_db.execute(f"CREATE ROLE {both}; CREATE ROLE {here}")
    target_db.execute(f"CREATE ROLE {both}")
    source_db.execute(
        f"""
        CREATE TABLE t (id serial PRIMARY KEY, "a b" text);
        CREATE VIEW v AS SELECT id FROM t;
        CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
        CREATE DOMAIN d AS int;
        GRANT SELECT, INSERT ON t TO {both} WITH GRANT OPTION;
        GRANT UPDATE ("a b"), REFERENCES ("a b") ON t TO {both};
        GRANT SELECT ON v TO PUBLIC, {both}, {here};
        GRANT USAGE ON SEQUENCE t_id_seq TO {both};
        REVOKE ALL ON FUNCTION f() FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION f() TO {both};
        REVOKE ALL ON PROCEDURE p() FROM PUBLIC;
        REVOKE ALL ON DOMAIN d FROM PUBLIC;
        """
    )
    this = sync(source_db, target_db, grants=True)
    try:
        findings = unsupported(this)
        carry(this)
        found = differences(schema_of(source_db, privileges=True), schema_of(target_db, privileges=True))
    finally:
        source_db.execute(f"DROP OWNED BY {both}, {here}; DROP ROLE {both}, {here}")
        target_db.execute(f"DROP OWNED BY {both}; DROP ROLE {both}")

    assert findings["privileges"].found.endswith(f": those of {here} on public.v.")
    assert list(found) == ["ACL public.TABLE v"]
    lines = found["ACL public.TABLE v"].splitlines()[2:]
    assert [line for line in lines if line[0] in "+-"] == [f"-GRANT SELECT ON TABLE public.v TO {here};"]


def test_an_access_method_that_the_target_has(source_db: Database, target_db: Database) -> None:
    for database in (source_db, target_db):
        database.execute("CREATE ACCESS METHOD other_heap TYPE TABLE HANDLER heap_tableam_handler")
    source_db.execute(
        """
        CREATE TABLE a (id int) USING other_heap;
        CREATE MATERIALIZED VIEW b USING other_heap AS SELECT * FROM a;
        CREATE TABLE c (id int);
        """
    )
    this = sync(source_db, target_db)
    carry(this)

    assert differences(schema_of(source_db), schema_of(target_db)) == {}
    assert "other_heap" in schema_of(target_db)["TABLE public.a"]
    assert unsupported(this) == {}


def test_materialized_views_are_refreshed_once_replication_has_caught_up(
    source_db: Database, target_db: Database
) -> None:
    source_db.execute(
        """
        CREATE TABLE t (id int);
        CREATE MATERIALIZED VIEW z_first AS SELECT count(*) AS n FROM t;
        CREATE MATERIALIZED VIEW a_second AS SELECT n FROM z_first;
        CREATE MATERIALIZED VIEW empty AS SELECT 1 AS one WITH NO DATA;
        """
    )
    this = sync(source_db, target_db)
    carry(this)
    for rows in (1, 2):
        target_db.execute("INSERT INTO t VALUES (1)")
        schema.validate(this)
        assert target_db.value("SELECT n FROM a_second") == rows
    assert not target_db.value("SELECT relispopulated FROM pg_class WHERE relname = 'empty'")


def test_disabled_triggers_and_rules_keep_out_of_what_is_applied(
    source_db: Database, target_db: Database
) -> None:
    """Even of a session that may not say session_replication_role = replica."""
    source_db.execute(
        """
        CREATE TABLE t (id int PRIMARY KEY);
        CREATE TABLE log (id int);
        CREATE FUNCTION react() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN INSERT INTO log VALUES (1); RETURN NULL; END';
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION react();
        CREATE TRIGGER al BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION react();
        ALTER TABLE t ENABLE ALWAYS TRIGGER al;
        CREATE RULE ru AS ON UPDATE TO t DO INSTEAD NOTHING;
        """
    )
    this = sync(source_db, target_db)
    carry(this)
    target_db.execute("INSERT INTO t VALUES (1), (2); UPDATE t SET id = 3 WHERE id = 2")
    target_db.execute("DELETE FROM t WHERE id = 1")
    assert target_db.fetch("SELECT id FROM t") == [(3,)]
    assert target_db.fetch("SELECT * FROM log") == []

    schema.activate(this)
    target_db.execute("INSERT INTO t VALUES (4); UPDATE t SET id = 5; DELETE FROM t")
    assert target_db.fetch("SELECT id FROM t") == [(3,)]
    assert len(target_db.fetch("SELECT * FROM log")) == 2


class _Counting:
    """A connection that counts what is asked of it."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self.queries = 0

    def execute(self, *words: Any, **named: Any) -> Any:
        self.queries += 1
        return self._conn.execute(*words, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)


def test_more_objects_take_no_more_queries(source_db: Database, target_db: Database) -> None:
    this = sync(source_db, target_db)
    counts = []
    for tables in (2, 40):
        for number in range(tables):
            name = f"t{tables}_{number}"
            source_db.execute(
                f"""
                CREATE TABLE {name} (id serial PRIMARY KEY, parent int REFERENCES {name}, v text);
                CREATE INDEX ON {name} (v);
                CREATE VIEW v{name} AS SELECT * FROM {name};
                CREATE RULE r AS ON UPDATE TO {name} DO ALSO NOTHING;
                CREATE STATISTICS s{name} ON id, v FROM {name};
                COMMENT ON TABLE {name} IS 'x';
                """
            )
        with connect(this.source) as conn, connect(this.target) as there:
            counting = cast("Connection", _Counting(conn))
            schema.unsupported(counting, there, this.config)
            with empty_search_path(conn):
                inventory = read_inventory(counting)
                read_definitions(counting, inventory, inventory.items, grants=True)
            counts.append(cast("_Counting", counting).queries)
    assert counts[0] == counts[1]


def test_a_sync_that_made_nothing_has_nothing_to_switch_on(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE t (id int)")
    this = sync(source_db, target_db)
    with connect(this.target) as target:
        state.ensure(target)

    with pytest.raises(SyncUnknown, match="objects"):
        schema.activate(this)


@pytest.mark.requires(source=15, target=15)  # colliculocale
@pytest.mark.parametrize("side", ["source_db", "target_db"])
def test_a_collation_of_icu_is_written_out(side: str, request: pytest.FixtureRequest) -> None:
    # The embedded servers are built without ICU: the catalog's row is put there by hand.
    database: Database = request.getfixturevalue(side)
    locale = (
        "colllocale" if database.value("SELECT version()").startswith("PostgreSQL 18") else "colliculocale"
    )
    database.execute(
        "CREATE COLLATION german (provider = libc, locale = 'C'); "
        "UPDATE pg_collation SET collprovider = 'i', "
        f"collisdeterministic = false, collcollate = NULL, collctype = NULL, {locale} = 'de-u-co-phonebk', "
        "collicurules = '&a < g' WHERE collname = 'german'"
    )
    with connect(database.endpoint) as conn, empty_search_path(conn):
        inventory = read_inventory(conn)
        (german,) = [item for item in inventory.items.values() if item.name.name == "german"]
        (written,) = read_definitions(conn, inventory, [german.id]).written

    assert written.sql == (
        "CREATE COLLATION public.german (provider = icu, deterministic = false, "
        "locale = 'de-u-co-phonebk', rules = '&a < g')"
    )


@pytest.mark.requires(source=15)
def test_what_only_newer_targets_can_make_is_said_beforehand(
    source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target says that it is of version 13: those are not among the embedded servers."""
    older = capabilities(Server(Family.POSTGRESQL, 130000, "", "", 0, "db"))
    module = importlib.import_module("airflow_adbsync.engine.schema.unsupported")
    monkeypatch.setattr(module, "survey", lambda conn: replace(survey(conn), can=older))
    source_db.execute(
        """
        CREATE TABLE t (id int PRIMARY KEY, v text, m int4multirange, UNIQUE NULLS NOT DISTINCT (v));
        CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql RETURN n * 2;
        """
    )

    findings = unsupported(sync(source_db, target_db))

    assert {subject: finding.found.rpartition(": ")[2] for subject, finding in findings.items()} == {
        "NULLS NOT DISTINCT keys": "t_v_key on public.t.",
        "multirange columns": "m on public.t.",
        "functions with an SQL body": "public.twice(n integer).",
    }
