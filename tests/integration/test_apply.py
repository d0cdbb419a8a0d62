"""Incremental replication on real servers: what the source does, the target then holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from airflow_adbsync.engine.load import Bin, load_bin
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sync import Sync
from tests.databases import Database
from tests.integration.replicated import assert_same, follow, running_sync

Running = Callable[..., Sync]


@pytest.fixture
def running(source_db: Database, target_db: Database) -> Running:
    return partial(running_sync, source_db, target_db)


def test_inserts_updates_and_deletes_arrive(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running(
        "CREATE TABLE t (id int PRIMARY KEY, note text, n numeric(12, 2))",
        "INSERT INTO t SELECT n, 'row ' || n, n FROM generate_series(1, 1000) n",
    )
    source_db.execute("INSERT INTO t SELECT n, E'tab\\t \\\\ line\\n', n FROM generate_series(1001, 1100) n")
    source_db.execute("UPDATE t SET n = n + 0.5, note = NULL WHERE id % 3 = 0")
    source_db.execute("DELETE FROM t WHERE id % 7 = 0")
    source_db.execute("UPDATE t SET note = '' WHERE id % 5 = 0")

    follow(sync)

    assert_same(source_db, target_db, "t")


def test_a_batch_of_two_changes_at_a_time_gives_the_same(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running("CREATE TABLE t (id int PRIMARY KEY, n int)", max_batch_changes=2)
    source_db.execute(
        "INSERT INTO t SELECT n, n FROM generate_series(1, 9) n;"
        "UPDATE t SET n = -n; DELETE FROM t WHERE id < 4"
    )
    source_db.execute("UPDATE t SET id = id + 100 WHERE id > 6")

    follow(sync)

    assert_same(source_db, target_db, "t")


def test_keys_that_change_and_change_places(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running(
        "CREATE TABLE t (id int PRIMARY KEY, note text)",
        "INSERT INTO t SELECT n, 'row ' || n FROM generate_series(1, 20) n",
    )
    with source_db.connect() as conn, conn.transaction():
        conn.execute("UPDATE t SET id = 100 WHERE id = 1")
        conn.execute("UPDATE t SET id = 1 WHERE id = 2")
        conn.execute("UPDATE t SET id = 2 WHERE id = 100")
        conn.execute("UPDATE t SET id = 30, note = 'moved' WHERE id = 3")
        conn.execute("INSERT INTO t VALUES (3, 'new')")
        conn.execute("DELETE FROM t WHERE id = 4")
        conn.execute("UPDATE t SET id = 4 WHERE id = 5")
        conn.execute("DELETE FROM t WHERE id = 30")
        conn.execute("INSERT INTO t VALUES (50, 'short-lived'); DELETE FROM t WHERE id = 50")
        conn.execute("DELETE FROM t WHERE id = 6; INSERT INTO t VALUES (6, 'again')")

    follow(sync)

    assert_same(source_db, target_db, "t")


def test_a_second_unique_column_whose_values_change_places(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running(
        "CREATE TABLE t (id int PRIMARY KEY, place int UNIQUE, big text)",
        "INSERT INTO t SELECT n, n, (SELECT string_agg(md5(n::text || i::text), '') "
        "FROM generate_series(1, 200) i) FROM generate_series(1, 10) n",
    )
    with source_db.connect() as conn, conn.transaction():
        conn.execute("UPDATE t SET place = -1 WHERE id = 1")
        conn.execute("UPDATE t SET place = 1 WHERE id = 2")
        conn.execute("UPDATE t SET place = 2 WHERE id = 1")

    follow(sync)

    assert_same(source_db, target_db, "t")


def test_identity_columns_that_are_given_new_values(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text, big text);"
        "ALTER TABLE t ALTER big SET STORAGE EXTERNAL;"
        "CREATE TABLE other (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, note text);"
        "CREATE TABLE bare (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
        "INSERT INTO t (note, big) SELECT 'row ' || n, repeat('b', 9000) FROM generate_series(1, 9) n;"
        "INSERT INTO other (id, note) SELECT n, 'row' FROM generate_series(1, 9) n;"
        "INSERT INTO bare SELECT FROM generate_series(1, 9)",
    )
    source_db.execute("UPDATE t SET id = DEFAULT WHERE id IN (2, 4); UPDATE t SET note = 'new' WHERE id = 1")
    source_db.execute("UPDATE other SET n = DEFAULT, note = 'new' WHERE id > 5")
    source_db.execute("UPDATE bare SET id = DEFAULT WHERE id < 3")

    follow(sync)

    assert_same(source_db, target_db, "t", "other", "bare")


@pytest.mark.parametrize("identity", ["DEFAULT", "FULL"])
def test_toasted_values_that_were_not_touched_stay(
    running: Running, source_db: Database, target_db: Database, identity: str
) -> None:
    sync = running(
        "CREATE TABLE t (id int PRIMARY KEY, big text, other text, n int);"
        f"ALTER TABLE t REPLICA IDENTITY {identity};"
        "ALTER TABLE t ALTER big SET STORAGE EXTERNAL, ALTER other SET STORAGE EXTERNAL",
        "INSERT INTO t SELECT n, repeat(n::text, 9000), repeat('x', 5000), n FROM generate_series(1, 30) n",
    )
    source_db.execute("UPDATE t SET n = -n WHERE id < 20")
    source_db.execute("UPDATE t SET big = repeat('new', 4000) WHERE id < 10")
    source_db.execute("UPDATE t SET other = NULL WHERE id BETWEEN 5 AND 15")
    source_db.execute("UPDATE t SET id = id + 1000, n = 7 WHERE id > 25")
    source_db.execute(
        "INSERT INTO t VALUES (500, repeat('y', 9000), '', 0); UPDATE t SET n = 1 WHERE id = 500"
    )

    follow(sync)

    assert_same(source_db, target_db, "t")


def test_keyless_rows_are_changed_one_for_one(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running(
        "CREATE TABLE t (note text, doc json, n float8, place point)",
        "INSERT INTO t SELECT 'same', '{\"a\": 1}', 'NaN', '(1,2)' FROM generate_series(1, 5)",
    )
    source_db.execute(
        "INSERT INTO t VALUES (NULL, NULL, '-0', NULL), ('', 'null', 0, NULL), ('', 'null', 0, NULL)"
    )
    source_db.execute("DELETE FROM t WHERE ctid IN (SELECT ctid FROM t WHERE note = 'same' LIMIT 2)")
    source_db.execute("UPDATE t SET n = 4 WHERE ctid = (SELECT ctid FROM t WHERE note = '' LIMIT 1)")
    source_db.execute("UPDATE t SET note = 'was null' WHERE note IS NULL")

    follow(sync)

    assert_same(source_db, target_db, "t")


def test_truncate_lies_between_what_was_before_and_after(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running(
        "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (id int PRIMARY KEY)",
        "INSERT INTO t VALUES (1)",
    )
    source_db.execute(
        "INSERT INTO t VALUES (2); INSERT INTO other VALUES (1); TRUNCATE t; INSERT INTO t VALUES (1), (3)"
    )

    follow(sync)

    assert_same(source_db, target_db, "t", "other")


def test_parents_and_children_by_inheritance_are_tables_of_their_own(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running(
        "CREATE TABLE parent (id int PRIMARY KEY, n int);"
        "CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)",
        "INSERT INTO parent VALUES (1, 1); INSERT INTO child VALUES (1, 10), (2, 20)",
    )
    source_db.execute(
        "UPDATE parent SET n = n + 1; DELETE FROM ONLY parent; INSERT INTO parent VALUES (2, 2)"
    )

    follow(sync)

    assert_same(source_db, target_db, "ONLY parent", "child")


def test_partitions_arrive_under_their_root(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running(
        "CREATE TABLE t (id int, day date, n int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);"
        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
        "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
        "INSERT INTO t SELECT n, date '2026-01-01' + n, n FROM generate_series(0, 50) n",
    )
    source_db.execute(
        "UPDATE t SET n = -n; UPDATE t SET day = day + 31 WHERE id < 5; DELETE FROM t WHERE id > 40"
    )

    follow(sync)

    assert_same(source_db, target_db, "t")


def test_types_domains_and_collations(running: Running, source_db: Database, target_db: Database) -> None:
    sync = running(
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN code AS text NOT NULL CHECK (VALUE <> '');"
        "CREATE TYPE pair AS (a int, b text); CREATE DOMAIN price AS numeric(10, 2);"
        'CREATE TABLE t (c text COLLATE "C" PRIMARY KEY, m mood, ms mood[], d code, p pair, pr price, '
        "b bytea, "
        "r int4range, j jsonb, ts timestamptz, g int GENERATED ALWAYS AS (length(c)) STORED, "
        "i bigint GENERATED ALWAYS AS IDENTITY, bits bit(3), ch char(5))",
        "INSERT INTO t (c, m, d) VALUES ('one', 'sad', 'x')",
    )
    source_db.execute(
        "INSERT INTO t (c, m, ms, d, p, pr, b, r, j, ts, bits, ch) VALUES ('two', 'ok', '{ok,NULL}', 'y', "
        "'(1,\"a,b\")', 1.50, '\\x00ff5c', '[1,5)', '{\"k\": [1, null]}', '0044-03-15 BC', '101', 'ab')"
    )
    source_db.execute("UPDATE t SET c = c || '!', d = 'z', pr = 2.25; DELETE FROM t WHERE m = 'sad'")

    follow(sync)

    assert_same(source_db, target_db, "t")


def test_keys_that_are_checked_late_may_be_held_twice_meanwhile(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running(
        "CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, note text)",
        "INSERT INTO t SELECT n, 'row ' || n FROM generate_series(1, 9) n",
    )
    source_db.execute("UPDATE t SET id = 3 - id WHERE id < 3")
    source_db.execute("BEGIN; INSERT INTO t VALUES (5, 'new'); DELETE FROM t WHERE note = 'row 5'; COMMIT")
    source_db.execute("UPDATE t SET id = id + 1 WHERE id > 6")

    follow(sync)

    assert_same(source_db, target_db, "t")


def test_truncate_of_a_table_that_others_refer_to(
    running: Running, source_db: Database, target_db: Database
) -> None:
    sync = running(
        "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (id int PRIMARY KEY, t int REFERENCES t)",
        "INSERT INTO t VALUES (1), (2); INSERT INTO other VALUES (1, 1)",
    )
    source_db.execute("TRUNCATE t, other; INSERT INTO t VALUES (7); INSERT INTO other VALUES (7, 7)")
    # Loaded after the truncate, `other` has no part in it any more; `t` was loaded before.
    load_bin(sync, Bin(0, (QualifiedName("public", "other"),), 0), reload=True)

    follow(sync)

    assert_same(source_db, target_db, "t", "other")


def test_more_tables_than_have_a_staging_table_at_a_time(
    running: Running, source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_adbsync.engine.replication.stages._MOST_STAGES", 3)
    names = [f"t{number}" for number in range(8)]
    sync = running(
        "; ".join(f"CREATE TABLE {name} (id int PRIMARY KEY, note text)" for name in names),
        max_batch_changes=20,
    )
    for number in range(100):
        source_db.execute(
            "; ".join(f"INSERT INTO {name} VALUES ({number}, 'x')" for name in names[number % 3 :])
        )
    source_db.execute("; ".join(f"UPDATE {name} SET note = 'y' WHERE id % 2 = 0" for name in names))

    follow(sync)

    assert_same(source_db, target_db, *names)
