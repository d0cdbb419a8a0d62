"""Small batches go to the target as arrays: every value as it was, and any refusal as with staged rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.errors import RowMissing
from airflow_adbsync.engine.replication import table_writer
from airflow_adbsync.engine.replication.array_writer import ArrayStep, write_arrays
from airflow_adbsync.engine.replication.encoding import encode_arrays
from airflow_adbsync.engine.replication.forms import BINARY
from airflow_adbsync.engine.replication.messages import Insert
from airflow_adbsync.engine.replication.net_change import KeyedChanges
from tests.databases import Database
from tests.integration.replicated import assert_same, follow, running_sync
from tests.segments import is_distributed

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
awkward = st.sampled_from(["", "NULL", "null", '"', "\\", "{}", ",", "'", " ", "\\n", "\t\r\n", "%s", "$1"])


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, target_db: Database) -> list[bool]:
    """Whether each batch that was sent as arrays was taken."""
    if is_distributed(target_db):
        pytest.skip("nothing goes as arrays to a target of segments")
    found: list[bool] = []

    def spy(conn: Connection, steps: Sequence[ArrayStep]) -> bool:
        found.append(write_arrays(conn, steps))
        return found[-1]

    monkeypatch.setattr(table_writer, "write_arrays", spy)
    return found


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(values=["NULL", None, "", "\\", '"', "a\\"])
@given(values=st.lists(st.none() | awkward | texts, min_size=1, max_size=8))
def test_any_text_comes_back_from_an_array_as_it_was(
    array_server: Connection, values: list[str | None]
) -> None:
    changes = KeyedChanges((0,))
    for number, value in enumerate(values):
        changes.insert(Insert(1, [b"%d" % number, None if value is None else value.encode()]))

    _, array = encode_arrays(changes, "I", (25, 25))
    _, binary = encode_arrays(changes, "I", (25, 25), BINARY)

    row = array_server.execute("SELECT %s::text[]", [array.decode()]).fetchone()
    assert row == (values,)
    sent = array_server.pgconn.exec_params(
        b"SELECT $1::text[] = $2::text[]", [binary, array], param_formats=[1, 0]
    )
    assert sent.get_value(0, 0) == b"t"


@pytest.fixture
def array_server(target_db: Database) -> Iterator[Connection]:
    with target_db.connect() as conn:
        yield conn


_EVERY_TYPE = """
    CREATE TABLE t (id int8, "we%ird" numeric(12, 2), day date, PRIMARY KEY (id, "we%ird", day),
        s int2, b bool, y bytea, x text, j json, f float4, g float8, c char(5), v varchar(9), h time(3),
        i interval, o jsonb, w timestamp(2), z timestamptz, u uuid)
"""
_ROWS = r"""
    INSERT INTO t SELECT n, n * 1.10, date '2026-01-01' - n * 300000, n, n % 2 = 0, '\x5c220a27',
        E'"\\,{NULL}\n%s', '{"a":  "\""}', 'NaN', '-Infinity', 'a b', 'v  ', '12:00:00.123', '-1 mon 2 days',
        '["\\"]', 'infinity', '2026-01-01 00:00:00.5+02', md5(n::text)::uuid FROM generate_series(1, 4) n
"""


def test_values_of_every_type_that_goes_by_arrays(
    source_db: Database, target_db: Database, written: list[bool]
) -> None:
    sync = running_sync(source_db, target_db, _EVERY_TYPE)
    source_db.execute(_ROWS)
    source_db.execute("INSERT INTO t (id, \"we%ird\", day) VALUES (9, 9.99, 'infinity')")
    follow(sync)
    source_db.execute("UPDATE t SET x = NULL, v = 'NULL', c = '' WHERE id < 3; DELETE FROM t WHERE id = 4")
    source_db.execute('UPDATE t SET id = id + 100, "we%ird" = -0.5 WHERE id = 3')
    follow(sync)

    assert_same(source_db, target_db, "t")
    assert len(written) >= 2
    assert all(written)


def test_rows_that_trade_places_are_staged_after_all(
    source_db: Database, target_db: Database, written: list[bool]
) -> None:
    sync = running_sync(
        source_db,
        target_db,
        "CREATE TABLE t (id int PRIMARY KEY, place int UNIQUE DEFERRABLE INITIALLY DEFERRED); "
        "CREATE TABLE o (id int PRIMARY KEY)",
        "INSERT INTO t SELECT n, n FROM generate_series(1, 9) n",
    )
    target_db.execute("ALTER TABLE t DROP CONSTRAINT t_place_key, ADD UNIQUE (place)")
    source_db.execute("INSERT INTO o VALUES (1); UPDATE t SET place = 10 - place; INSERT INTO o VALUES (2)")

    follow(sync)

    assert_same(source_db, target_db, "t", "o")
    assert written == [False]


def test_a_missing_row_is_named_and_nothing_is_applied(
    source_db: Database, target_db: Database, written: list[bool]
) -> None:
    sync = running_sync(
        source_db,
        target_db,
        "CREATE TABLE t (id int PRIMARY KEY, n int); CREATE TABLE o (id int PRIMARY KEY)",
        "INSERT INTO t SELECT n, n FROM generate_series(1, 9) n",
    )
    target_db.execute("DELETE FROM t WHERE id = 5")
    source_db.execute("BEGIN; INSERT INTO o VALUES (1); UPDATE t SET n = 0; COMMIT")

    with pytest.raises(RowMissing, match="id = 5"):
        follow(sync)

    assert written[0] is False
    assert target_db.fetch("SELECT count(*) FROM o") == [(0,)]
    assert target_db.fetch("SELECT sum(n) FROM t") == [(40,)]
