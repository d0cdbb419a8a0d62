"""What the schema phase does not carry, found on a real source."""

from __future__ import annotations

from airflow_adbsync.engine import schema
from airflow_adbsync.engine.config import Objects
from airflow_adbsync.engine.connect import connect
from tests.databases import Database


def test_what_is_not_carried_is_said_beforehand(source_db: Database) -> None:
    role = f"reader_of_{source_db.endpoint.database}"
    source_db.execute(f"CREATE ROLE {role}")
    source_db.execute(
        f"""
        CREATE TABLE t (id int PRIMARY KEY, v text);
        CREATE FUNCTION react() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION react();
        CREATE RULE ru AS ON DELETE TO t DO INSTEAD NOTHING;
        CREATE POLICY po ON t USING (true);
        CREATE STATISTICS st ON id, v FROM t;
        CREATE FUNCTION as_owner() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
        CREATE FUNCTION fast(text) RETURNS text LANGUAGE internal IMMUTABLE STRICT AS 'upper';
        CREATE VIEW faster AS SELECT fast(v) FROM t;
        CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);
        CREATE OPERATOR CLASS oc FOR TYPE text USING hash AS OPERATOR 1 =;
        CREATE TYPE pair AS (a int, b int);
        CREATE FUNCTION to_pair(int) RETURNS pair LANGUAGE sql AS 'SELECT $1, $1';
        CREATE CAST (int AS pair) WITH FUNCTION to_pair(int);
        CREATE COLLATION co (provider = libc, locale = 'C');
        CREATE TEXT SEARCH DICTIONARY di (TEMPLATE = simple);
        CREATE TEXT SEARCH CONFIGURATION cf (COPY = simple);
        CREATE UNLOGGED TABLE un (id int);
        CREATE FOREIGN DATA WRAPPER w;
        CREATE SERVER s FOREIGN DATA WRAPPER w;
        CREATE FOREIGN TABLE fo (a int) SERVER s;
        CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one;
        CREATE SCHEMA elsewhere;
        CREATE TABLE elsewhere.parent (id int PRIMARY KEY);
        CREATE TABLE child (f int REFERENCES elsewhere.parent) INHERITS (elsewhere.parent);
        CREATE TABLE elsewhere.heir () INHERITS (t);
        GRANT SELECT ON t TO {role};
        SELECT lo_create(0);
        """
    )
    try:
        with connect(source_db.endpoint) as conn:
            findings = schema.unsupported(conn, Objects(schemas=("public",)))
    finally:
        source_db.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")

    assert {finding.subject for finding in findings} == {
        "triggers",
        "rules",
        "row security policies",
        "extended statistics",
        "SECURITY DEFINER functions",
        "function public.fast(text)",
        "view public.faster",
        "operators",
        "operator classes",
        "casts",
        "collations",
        "text search dictionaries",
        "text search configurations",
        "table public.un",
        "foreign table public.fo",
        "materialized views",
        "table public.child",
        "table public.t",
        "foreign keys",
        "privileges",
        "large objects",
    }
    assert all(finding.remedy for finding in findings)
