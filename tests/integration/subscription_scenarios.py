"""Scenarios of PostgreSQL's own tests of its subscriptions, as data: tables, rows that are loaded, and changes.

Each names the test there (PostgreSQL source: src/test/subscription/t) whose ground it covers.
"""

from __future__ import annotations

from typing import NamedTuple


class Scenario(NamedTuple):
    """``there`` is made on both sides, unless the target has tables of its own: ``here``.

    Each of the ``changes`` is a transaction. ``names`` are the tables to compare, or queries.
    """

    after: str
    names: tuple[str, ...]
    there: str
    rows: str
    changes: tuple[str, ...]
    here: str | None = None


SCENARIOS = {
    "columns_in_another_order": Scenario(
        "001_rep_changes, 008_diff_schema",
        ("(SELECT a, b, c FROM mixed)",),
        "CREATE TABLE mixed (a int PRIMARY KEY, b text, c numeric(6, 2))",
        "INSERT INTO mixed VALUES (1, 'foo', 1.5), (2, 'bar', 2.5)",
        ("INSERT INTO mixed VALUES (3, 'baz', NULL)", "UPDATE mixed SET a = a + 10, c = 7 WHERE a > 1"),
        here="CREATE TABLE mixed (c numeric(6, 2), b text, a int PRIMARY KEY)",
    ),
    "a_key_that_covers_other_columns": Scenario(
        "001_rep_changes",
        ("covering",),
        "CREATE TABLE covering (a int, b text, PRIMARY KEY (a) INCLUDE (b))",
        "INSERT INTO covering SELECT n, 'x' FROM generate_series(1, 20) n",
        ("DELETE FROM covering WHERE a > 15; UPDATE covering SET b = 'y', a = -a WHERE a < 9",),
    ),
    "whole_rows_with_nulls_and_copies": Scenario(
        "001_rep_changes, 032_subscribe_use_index",
        ("whole",),
        "CREATE TABLE whole (a int, b text, c numeric); ALTER TABLE whole REPLICA IDENTITY FULL;"
        "CREATE INDEX ON whole (a)",
        "INSERT INTO whole SELECT n % 4, nullif('b' || n % 3, 'b0'), 1.0 FROM generate_series(1, 40) n",
        (
            "UPDATE whole SET b = NULL WHERE a = 1",
            "UPDATE whole SET a = NULL, c = 1.00 WHERE b IS NULL",
            "DELETE FROM whole WHERE ctid IN (SELECT ctid FROM whole WHERE a IS NULL LIMIT 3)",
            "INSERT INTO whole VALUES (NULL, NULL, NULL), (NULL, NULL, NULL)",
            "DELETE FROM whole WHERE ctid IN (SELECT ctid FROM whole WHERE c IS NULL LIMIT 1)",
        ),
    ),
    "no_identity_at_first": Scenario(
        "001_rep_changes",
        ("nothing",),
        "CREATE TABLE nothing (a int); ALTER TABLE nothing REPLICA IDENTITY NOTHING",
        "INSERT INTO nothing VALUES (1), (2)",
        (
            "INSERT INTO nothing VALUES (3), (3)",
            "UPDATE nothing SET a = 4 WHERE a = 2; DELETE FROM nothing WHERE a = 1",
        ),
    ),
    "foreign_keys_that_cascade": Scenario(
        "003_constraints",
        ("parent", "child"),
        "CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY, "
        "parent int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, other int REFERENCES child "
        "ON DELETE SET NULL)",
        "INSERT INTO parent SELECT generate_series(1, 9);"
        "INSERT INTO child SELECT n, 1 + n % 9, nullif(n - 1, 0) FROM generate_series(1, 27) n",
        (
            "UPDATE parent SET id = id + 100 WHERE id < 4; DELETE FROM parent WHERE id IN (5, 6)",
            "INSERT INTO parent VALUES (50); INSERT INTO child VALUES (50, 50, 50)",
            "DELETE FROM parent WHERE id = 50; INSERT INTO parent VALUES (5)",
        ),
    ),
    "triggers_rules_and_functions_on_the_target": Scenario(
        "003_constraints, 100_bugs",
        ("fires", "fired"),
        "CREATE TABLE fires (id int PRIMARY KEY, b text); CREATE TABLE fired (id int)",
        "INSERT INTO fires VALUES (1, 'x')",
        ("INSERT INTO fires VALUES (2, 'y')", "UPDATE fires SET b = 'z'", "DELETE FROM fires WHERE id = 1"),
        here="""
            CREATE TABLE fires (id int PRIMARY KEY, b text); CREATE TABLE fired (id int);
            CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO fired VALUES (new.id); RETURN NULL; END $$;
            CREATE TRIGGER before BEFORE INSERT OR UPDATE ON fires FOR EACH ROW EXECUTE FUNCTION fire();
            CREATE TRIGGER after AFTER DELETE ON fires FOR EACH STATEMENT EXECUTE FUNCTION fire();
            CREATE RULE instead AS ON UPDATE TO fires DO INSTEAD INSERT INTO fired VALUES (0);
            CREATE RULE nothing AS ON INSERT TO fires DO INSTEAD NOTHING;
            CREATE FUNCTION lowered(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
                $$ BEGIN RETURN (SELECT lower(t)); END $$;
            CREATE INDEX ON fires (lowered(b));
        """,
    ),
    "what_rewrites_a_table": Scenario(
        "006_rewrite",
        ("rewritten",),
        "CREATE TABLE rewritten (id int PRIMARY KEY, b text); CREATE INDEX rewritten_b ON rewritten (b)",
        "INSERT INTO rewritten SELECT n, repeat('b', n * 20) FROM generate_series(1, 200) n",
        (
            "UPDATE rewritten SET b = b || 'x' WHERE id % 2 = 0",
            "VACUUM FULL rewritten",
            "DELETE FROM rewritten WHERE id % 5 = 0",
            "CLUSTER rewritten USING rewritten_b",
            "ALTER TABLE rewritten SET (fillfactor = 50); UPDATE rewritten SET b = 'y' WHERE id < 50",
            "ALTER TABLE rewritten ADD x float DEFAULT random();"
            "ALTER TABLE rewritten DROP x; UPDATE rewritten SET b = 'v' WHERE id = 4",
            "INSERT INTO rewritten VALUES (1000, 'z')",
        ),
    ),
    "materialized_views": Scenario(
        "009_matviews",
        ("viewed",),
        "CREATE TABLE viewed (id int PRIMARY KEY, b text)",
        "INSERT INTO viewed VALUES (1, 'x')",
        (
            "CREATE MATERIALIZED VIEW seen AS SELECT * FROM viewed; CREATE UNIQUE INDEX ON seen (id);"
            "INSERT INTO viewed VALUES (2, 'y')",
            "REFRESH MATERIALIZED VIEW seen",
            "UPDATE viewed SET b = 'z'; REFRESH MATERIALIZED VIEW CONCURRENTLY seen",
            "INSERT INTO viewed VALUES (3, '3')",
        ),
    ),
    "truncate": Scenario(
        "010_truncate",
        ("cut", "cut_too", "cut_parts", "cut_whole"),
        "CREATE TABLE cut (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY);"
        "CREATE TABLE cut_too (id int PRIMARY KEY, cut int REFERENCES cut); CREATE TABLE cut_whole (a int);"
        "CREATE TABLE cut_parts (id int PRIMARY KEY) PARTITION BY RANGE (id);"
        "CREATE TABLE cut_parts_1 PARTITION OF cut_parts FOR VALUES FROM (0) TO (100);"
        "CREATE TABLE cut_parts_2 PARTITION OF cut_parts FOR VALUES FROM (100) TO (200)",
        "INSERT INTO cut SELECT generate_series(1, 9); INSERT INTO cut_too SELECT n, n FROM generate_series(1, 9) n;"
        "INSERT INTO cut_parts SELECT generate_series(0, 199); INSERT INTO cut_whole VALUES (1), (1)",
        (
            "INSERT INTO cut VALUES (20); TRUNCATE cut RESTART IDENTITY CASCADE; INSERT INTO cut DEFAULT VALUES",
            "BEGIN; SAVEPOINT s; TRUNCATE cut CASCADE; ROLLBACK TO s; INSERT INTO cut_too VALUES (1, 1); COMMIT",
            "TRUNCATE cut_parts, cut_whole; INSERT INTO cut_parts VALUES (7), (107)",
            "BEGIN; TRUNCATE cut_parts; ROLLBACK",
            "INSERT INTO cut_whole VALUES (2); TRUNCATE cut_whole; INSERT INTO cut_whole VALUES (3), (3)",
        ),
    ),
    "generated_columns": Scenario(
        "011_generated, 100_bugs",
        ("made", "made_keyless"),
        "CREATE TABLE made (a int PRIMARY KEY, g int GENERATED ALWAYS AS (a * 2 + coalesce(c, 0)) STORED, c int);"
        "CREATE TABLE made_keyless (a int, gone int, g int GENERATED ALWAYS AS (a * 2) STORED, c int);"
        "ALTER TABLE made_keyless DROP gone; ALTER TABLE made_keyless REPLICA IDENTITY FULL",
        "INSERT INTO made (a) VALUES (1), (2); INSERT INTO made_keyless (a, c) VALUES (1, 1), (1, 1), (2, NULL)",
        (
            "UPDATE made SET a = a + 10 WHERE a = 1; UPDATE made SET c = 5; INSERT INTO made (a) VALUES (3)",
            "UPDATE made_keyless SET c = 2 WHERE ctid = (SELECT min(ctid) FROM made_keyless)",
            "DELETE FROM made_keyless WHERE a = 2; INSERT INTO made_keyless (a) VALUES (NULL)",
        ),
    ),
    "trees_of_partitions_that_differ": Scenario(
        "013_partition",
        ("tree", "flat_there", "flat_here"),
        "CREATE TABLE tree (a int, b text, PRIMARY KEY (a)) PARTITION BY RANGE (a);"
        "CREATE TABLE tree_1 PARTITION OF tree FOR VALUES FROM (0) TO (50);"
        "CREATE TABLE tree_2 (gone int, b text, a int NOT NULL); ALTER TABLE tree_2 DROP gone;"
        "ALTER TABLE tree ATTACH PARTITION tree_2 FOR VALUES FROM (50) TO (100);"
        "CREATE TABLE flat_there (a int PRIMARY KEY, b text);"
        "CREATE TABLE flat_here (a int PRIMARY KEY, b text) PARTITION BY HASH (a);"
        "CREATE TABLE flat_here_0 PARTITION OF flat_here FOR VALUES WITH (MODULUS 2, REMAINDER 0)"
        " PARTITION BY RANGE (a); CREATE TABLE flat_here_0_0 PARTITION OF flat_here_0 DEFAULT;"
        "CREATE TABLE flat_here_1 PARTITION OF flat_here FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "INSERT INTO tree SELECT n, 'x' FROM generate_series(0, 99) n; INSERT INTO flat_there SELECT * FROM tree;"
        "INSERT INTO flat_here SELECT * FROM tree",
        (
            "UPDATE tree SET a = a + 50 WHERE a = 0 + 1 AND NOT EXISTS (SELECT FROM tree WHERE a = 51)",
            "DELETE FROM tree_2 WHERE a = 60; UPDATE tree SET a = 60, b = 'moved' WHERE a = 7",
            "CREATE TABLE tree_3 (b text, a int NOT NULL); INSERT INTO tree VALUES (8, 'y') ON CONFLICT DO NOTHING;"
            "ALTER TABLE tree ATTACH PARTITION tree_3 FOR VALUES FROM (100) TO (200);"
            "INSERT INTO tree VALUES (150, 'in the new one')",
            "UPDATE tree SET a = a + 90 WHERE a BETWEEN 30 AND 40",
            "UPDATE flat_there SET a = a + 1000, b = NULL WHERE a % 7 = 0; DELETE FROM flat_there WHERE a < 9",
            "UPDATE flat_here SET a = a + 1000, b = NULL WHERE a % 7 = 0; DELETE FROM flat_here_1",
        ),
        here="CREATE TABLE tree (a int, b text, PRIMARY KEY (a)) PARTITION BY HASH (a);"
        "CREATE TABLE tree_x PARTITION OF tree FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE tree_y PARTITION OF tree FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
        "CREATE TABLE flat_there (a int PRIMARY KEY, b text) PARTITION BY RANGE (a);"
        "CREATE TABLE flat_there_1 PARTITION OF flat_there FOR VALUES FROM (0) TO (60);"
        "CREATE TABLE flat_there_2 PARTITION OF flat_there FOR VALUES FROM (60) TO (5000);"
        "CREATE TABLE flat_here (a int PRIMARY KEY, b text)",
    ),
    "large_transactions_with_what_was_taken_back": Scenario(
        "015_stream, 016_stream_subxact, 017_stream_ddl, 018_stream_subxact_abort, 019_stream_subxact_ddl_abort",
        ("large", "overflown"),
        "CREATE TABLE large (a int PRIMARY KEY, b text); CREATE TABLE overflown (a int PRIMARY KEY, b int)",
        "INSERT INTO large VALUES (1, 'foo'), (2, 'bar'); INSERT INTO overflown SELECT n, 0 FROM generate_series(1, 300) n",
        (
            "BEGIN; INSERT INTO large SELECT n, md5(n::text) FROM generate_series(3, 500) n;"
            "SAVEPOINT s1; ALTER TABLE large ADD c int; INSERT INTO large SELECT n, 'c', 1 FROM generate_series(501, 900) n;"
            "SAVEPOINT s2; UPDATE large SET c = 2, b = 'no'; ROLLBACK TO s1;"
            "INSERT INTO large SELECT n, 'after' FROM generate_series(501, 600) n;"
            "SAVEPOINT s3; DELETE FROM large WHERE a % 2 = 0; SAVEPOINT s4; UPDATE large SET b = 'x' WHERE a % 3 = 0;"
            "ROLLBACK TO s4; INSERT INTO large VALUES (1000, 'nested'); RELEASE s3;"
            "UPDATE large SET a = a + 5000 WHERE a < 100; COMMIT",
            "BEGIN; TRUNCATE large; INSERT INTO large VALUES (1, 'gone'); ROLLBACK",
            "SELECT FROM large WHERE a = 1000 FOR UPDATE",
            """DO $$ BEGIN
                FOR i IN 1..200 LOOP
                    BEGIN
                        UPDATE overflown SET b = b + i WHERE a BETWEEN i AND i + 2;
                        IF i % 3 = 0 THEN RAISE 'taken back'; END IF;
                    EXCEPTION WHEN raise_exception THEN NULL;
                    END;
                END LOOP; END $$""",
        ),
    ),
    "messages_and_origins": Scenario(
        "020_messages, 030_origin",
        ("told",),
        "CREATE TABLE told (id int PRIMARY KEY)",
        "INSERT INTO told VALUES (1)",
        (
            "SELECT pg_logical_emit_message(true, 'somebody''s', 'content'); INSERT INTO told VALUES (2)",
            "BEGIN; INSERT INTO told VALUES (-1); SELECT pg_logical_emit_message(false, 'now', 'x'); ROLLBACK",
            "SELECT pg_replication_origin_create(current_database())",
            "SELECT pg_replication_origin_session_setup(current_database()); INSERT INTO told VALUES (3)",
            "SELECT pg_replication_origin_session_reset()",
            "SELECT pg_replication_origin_drop(current_database())",
        ),
    ),
    "tables_that_are_not_replicated": Scenario(
        "025_rep_changes_for_schema, 100_bugs",
        ("carried",),
        "CREATE TABLE carried (id int PRIMARY KEY, n int)",
        "INSERT INTO carried VALUES (1, 1)",
        (
            "CREATE TABLE later (id int PRIMARY KEY); CREATE UNLOGGED TABLE not_logged (id int);"
            "INSERT INTO later VALUES (1); INSERT INTO not_logged VALUES (1); INSERT INTO carried VALUES (2, 2)",
            "BEGIN; CREATE TEMP TABLE passing AS SELECT * FROM carried; UPDATE carried SET n = 3;"
            "TRUNCATE later; DROP TABLE passing; COMMIT",
            "CREATE TABLE made_of AS SELECT * FROM carried; DROP TABLE later; DELETE FROM carried WHERE id = 1",
        ),
    ),
    "statements_that_write_by_other_ways": Scenario(
        "001_rep_changes, 100_bugs",
        ("written",),
        "CREATE TABLE written (id int PRIMARY KEY, n int, u text UNIQUE)",
        "INSERT INTO written SELECT n, n, 'u' || n FROM generate_series(1, 30) n",
        (
            "INSERT INTO written VALUES (1, 0, 'u1'), (40, 40, 'u40') ON CONFLICT (id) DO UPDATE SET n = -1, u = 'v1'",
            "INSERT INTO written VALUES (50, 1, 'u2') ON CONFLICT DO NOTHING",
            "WITH gone AS (DELETE FROM written WHERE id < 10 RETURNING *) INSERT INTO written SELECT id + 100, n, u FROM gone",
            "MERGE INTO written w USING (SELECT generate_series(20, 45) AS id) s ON w.id = s.id "
            "WHEN MATCHED AND w.id % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET n = 0 "
            "WHEN NOT MATCHED THEN INSERT VALUES (s.id, 9, NULL)",
            "BEGIN; SELECT FROM written FOR SHARE; SAVEPOINT s; SELECT FROM written FOR UPDATE; "
            "UPDATE written SET n = n + 1 WHERE id > 100; RELEASE s; UPDATE written SET n = n + 1 WHERE id > 100; COMMIT",
        ),
    ),
    "keys_whose_equal_values_look_different": Scenario(
        "002_types",
        ("by_float", "by_interval", "by_jsonb", "by_pair", "by_char", "by_range"),
        "CREATE TYPE pair_of AS (a numeric, b text); CREATE TABLE by_float (k float8 PRIMARY KEY, n int);"
        "CREATE TABLE by_interval (k interval PRIMARY KEY, n int); CREATE TABLE by_jsonb (k jsonb PRIMARY KEY, n int);"
        "CREATE TABLE by_pair (k pair_of PRIMARY KEY, n int); CREATE TABLE by_char (k char(5) PRIMARY KEY, n int);"
        "CREATE TABLE by_range (k numrange, n numeric[], PRIMARY KEY (k, n))",
        "INSERT INTO by_float VALUES ('-0', 1), ('NaN', 2), (0.1, 3); INSERT INTO by_interval VALUES ('1 day', 1), ('1 mon', 2);"
        "INSERT INTO by_jsonb VALUES ('{\"a\": 1.0}', 1), ('null', 2); INSERT INTO by_pair VALUES ('(1.0,x)', 1), ('(2,)', 2);"
        "INSERT INTO by_char VALUES ('a', 1), ('', 2); INSERT INTO by_range VALUES ('[1.0,2)', '{1.0}'), ('empty', '{}')",
        (
            "UPDATE by_float SET k = 0 WHERE k = 0; UPDATE by_float SET n = 9 WHERE k = 'NaN'; DELETE FROM by_float WHERE k = 0.1",
            "UPDATE by_interval SET k = '24:00' WHERE n = 1; UPDATE by_interval SET k = '30 days', n = 5 WHERE n = 2",
            "DELETE FROM by_jsonb WHERE n = 1; INSERT INTO by_jsonb VALUES ('{\"a\": 1.00}', 4); UPDATE by_jsonb SET n = 7 WHERE k = 'null'",
            "UPDATE by_pair SET k = '(1.00,x)' WHERE n = 1; UPDATE by_pair SET k = '(2,z)', n = 3 WHERE n = 2",
            "UPDATE by_char SET n = n + 1; UPDATE by_char SET k = 'b' WHERE k = ''; DELETE FROM by_range WHERE k = 'empty'",
            "UPDATE by_range SET k = '[1.00,2)', n = '{1.00}'; UPDATE by_range SET n = '{1.000}'",
        ),
    ),
}
