"""What is not as it should be with settings, surroundings and rights, and that it passes once it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from airflow_adbsync.engine import precheck, state
from airflow_adbsync.engine.config import Objects, PrecheckOptions
from airflow_adbsync.engine.connect import connect, conninfo
from airflow_adbsync.engine.model import Endpoint, Status
from airflow_adbsync.engine.precheck.bandwidth import measure
from airflow_adbsync.engine.precheck.checks import large_values
from airflow_adbsync.engine.start import start
from tests.databases import Database, Server, drop_database, libpq_environment
from tests.integration.prechecked import ACCEPTED, TABLES, a_sync, alone, of, wrong

ALERT, FAILED, PASSED = Status.ALERT, Status.FAILED, Status.PASSED


@pytest.fixture
def odd_source(source_server: Server) -> Iterator[Database]:
    """A database with a hyphen, another collation, and settings of its own."""
    name = "odd-one"
    with connect(source_server.endpoint(), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 LC_COLLATE 'C.utf8' LC_CTYPE 'C.utf8'")
        for setting in (
            "lc_monetary = 'C.utf8'",
            "wal_sender_timeout = '2s'",
            "idle_session_timeout = '30s'",
            "statement_timeout = '1h'",
            "logical_decoding_work_mem = '1MB'",
            "TimeZone = 'Europe/Berlin'",
        ):
            conn.execute(f'ALTER DATABASE "{name}" SET {setting}')
    yield Database(source_server.endpoint(name))
    drop_database(source_server, name)


@pytest.fixture
def narrow_target(target_server: Server) -> Iterator[Database]:
    """A database that can't hold every character."""
    with connect(target_server.endpoint(), autocommit=True) as conn:
        conn.execute(
            "CREATE DATABASE narrow TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    yield Database(target_server.endpoint("narrow"))
    drop_database(target_server, "narrow")


@contextmanager
def a_standby(source: Database) -> Iterator[None]:
    """Something that follows the source as a physical standby does."""
    with closing(psycopg.connect(conninfo(source.endpoint, replication="true"), autocommit=True)) as conn:
        row = conn.execute("IDENTIFY_SYSTEM").fetchone()
        assert row
        conn.pgconn.send_query(f"START_REPLICATION PHYSICAL {row[2]}".encode())
        result = conn.pgconn.get_result()
        assert result is not None
        assert result.status == psycopg.pq.ExecStatus.COPY_BOTH
        yield


@pytest.mark.requires(source=14)  # idle_session_timeout
def test_an_odd_pair_is_an_alert_for_each_oddity(odd_source: Database, narrow_target: Database) -> None:
    odd_source.execute(TABLES + "CREATE TABLE prices (id int PRIMARY KEY, price money)")
    options = PrecheckOptions(acknowledge=ACCEPTED, long_transaction=0)
    sync = a_sync(odd_source.endpoint, narrow_target.endpoint, precheck=options)

    stranger = Database(replace(odd_source.endpoint, application_name="theirs"))
    with a_standby(odd_source), stranger.connect() as other:
        other.execute("BEGIN; INSERT INTO customers VALUES (1)")
        report = precheck.check(sync)

    assert wrong(report) == dict.fromkeys(
        (
            "database_name",
            "encoding",
            "collation",
            "money",
            "session_timeouts",
            "wal_sender_timeout",
            "high_availability",
            "long_transactions",
        ),
        ALERT,
    )
    assert "statement_timeout" not in of(report, "session_timeouts")[0].found
    assert "Europe/Berlin" in of(report, "time_zone")[0].found
    assert "More is faster" in of(report, "logical_decoding_work_mem")[0].found
    assert "public.prices" in of(report, "money")[0].found
    (waiting,) = of(report, "long_transactions")
    assert "holds up the slot" in waiting.found
    assert waiting.remedy.startswith("Have them ended: SELECT pg_terminate_backend(")


def test_large_values_are_suspected_by_what_a_row_has_out_of_line(
    source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A table of 256 MB would take long to fill; the query is asked with smaller bounds.
    monkeypatch.setattr(large_values, "LIMIT", 64 << 10)
    monkeypatch.setattr(large_values, "_SUSPECT", 64 << 10)
    source_db.execute(
        """
        CREATE TABLE films (id int PRIMARY KEY, film bytea);
        ALTER TABLE films ALTER film SET STORAGE EXTERNAL;
        CREATE TABLE notes (id int PRIMARY KEY, note text);
        ALTER TABLE notes ALTER note SET STORAGE EXTERNAL;
        INSERT INTO films SELECT n, convert_to(repeat('x', 200000), 'UTF8') FROM generate_series(1, 3) AS n;
        INSERT INTO notes SELECT n, repeat('x', 3000) FROM generate_series(1, 100) AS n;
        """
    )
    source_db.execute("VACUUM ANALYZE films")
    source_db.execute("VACUUM ANALYZE notes")
    (finding,) = alone(a_sync(source_db.endpoint, target_db.endpoint), "large_values")
    assert finding.status is ALERT
    assert "public.films" in finding.found
    assert "public.notes" not in finding.found


def test_an_extension_must_be_there(source_db: Database, target_db: Database) -> None:
    if not all(
        database.fetch("SELECT FROM pg_available_extensions WHERE name = 'vector'")
        for database in (source_db, target_db)
    ):
        pytest.skip("needs the extension vector on both servers")
    source_db.execute("CREATE EXTENSION vector; CREATE TABLE points (id int PRIMARY KEY, at vector(3))")
    sync = a_sync(source_db.endpoint, target_db.endpoint)
    report = precheck.check(sync)
    assert wrong(report) == {"extensions": FAILED}
    target_db.execute(of(report, "extensions")[0].remedy.split("same schema: ")[1].rstrip("."))
    assert wrong(precheck.check(sync)) == {}


@pytest.mark.requires(target=15)  # GRANT ON PARAMETER
def test_rights_on_sequences_temporary_tables_and_what_cascades(
    source_db: Database, target_db: Database, stranger: Callable[[Endpoint], Endpoint]
) -> None:
    source_db.execute(
        """
        CREATE TABLE parents (id serial PRIMARY KEY);
        CREATE TABLE children (id int PRIMARY KEY, parent int REFERENCES parents ON DELETE CASCADE);
        """
    )
    source, target = stranger(source_db.endpoint), stranger(target_db.endpoint)
    source_db.execute(f"GRANT SELECT ON parents, children TO {source.user}")
    target_db.execute(f"GRANT CREATE ON SCHEMA public TO {target.user}")
    target_db.execute(f"GRANT CREATE ON DATABASE {target.database} TO {target.user}")
    target_db.execute(f"REVOKE TEMPORARY ON DATABASE {target.database} FROM PUBLIC")
    sync = a_sync(source, target)

    report = precheck.check(sync)

    found = wrong(report)
    assert found["source_rights"] is FAILED
    assert found["session_replication_role"] is FAILED
    assert "public.children" in of(report, "session_replication_role")[0].found
    assert found["target_rights"] is FAILED
    assert found["bandwidth"] is Status.BROKEN  # it needs a temporary table
    (sequences,) = of(report, "source_rights")
    source_db.execute(sequences.remedy)
    (staging,) = of(report, "target_rights")
    target_db.execute(staging.remedy)
    target_db.execute(of(report, "session_replication_role")[0].remedy.split(" (")[0])
    again = wrong(precheck.check(sync))
    assert {"source_rights", "target_rights", "bandwidth", "session_replication_role"} & set(again) == set()
    target_db.execute(f"REVOKE SET ON PARAMETER session_replication_role FROM {target.user}")


def test_room_is_compared_with_what_is_configured_or_what_the_server_tells(
    source_db: Database, target_db: Database
) -> None:
    source_db.execute("CREATE TABLE t AS SELECT n AS id, repeat('x', 100) FROM generate_series(1, 5000) AS n")
    source_db.execute("ALTER TABLE t ADD PRIMARY KEY (id)")

    def check(**options: str) -> tuple[Status, str]:
        sync = a_sync(source_db.endpoint, target_db.endpoint, precheck=PrecheckOptions(**options))  # type: ignore[arg-type]
        (finding,) = alone(sync, "room")
        return finding.status, finding.found

    unknown = check()
    assert unknown[0] is PASSED
    assert "does not tell" in unknown[1]
    assert check(capacity="1MB")[0] is FAILED
    assert check(capacity="1TB")[0] is PASSED
    # Stands in for Greenplum's view: kB by segment; two segments share a disk.
    target_db.execute(
        """
        CREATE SCHEMA gp_toolkit;
        CREATE TABLE gp_toolkit.gp_disk_free (dfsegment int, dfhostname text, dfdevice text, dfspace bigint);
        INSERT INTO gp_toolkit.gp_disk_free VALUES (0, 'a', '/', 100), (1, 'a', '/', 100), (2, 'b', '/', 50);
        """
    )
    told = check()
    assert told[0] is FAILED
    assert "150 kB are free" in told[1]


def test_connections_are_counted_and_few_are_enough_to_look(
    source_db: Database, target_db: Database, stranger: Callable[[Endpoint], Endpoint]
) -> None:
    source_db.execute("CREATE TABLE t (id int PRIMARY KEY)")
    source = stranger(source_db.endpoint)
    source_db.execute(f"ALTER ROLE {source.user} CONNECTION LIMIT 2")
    report = precheck.check(a_sync(source, target_db.endpoint))
    (finding, _) = sorted(of(report, "connections"), key=lambda item: item.subject)
    assert finding.status is ALERT
    broken = {item.check for item in report.findings if item.status is Status.BROKEN}
    assert broken <= {"bandwidth", "replica_identity"}


def test_two_syncs_must_not_fill_one_table(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)")
    first = a_sync(source_db.endpoint, target_db.endpoint, objects=Objects(tables=("public.t",)))
    start(first)
    assert wrong(precheck.check(first)) == {}

    second = a_sync(source_db.endpoint, target_db.endpoint, sync_id="second")
    report = precheck.check(second)
    assert wrong(report) == {"other_syncs": FAILED}
    assert "'shop' fills 1 table of this one: public.t" in of(report, "other_syncs")[0].found

    renamed = a_sync(
        source_db.endpoint, target_db.endpoint, sync_id="second", names={"schemas": {"public": "store"}}
    )
    assert wrong(precheck.check(renamed)) == {}


def test_others_that_write_to_the_tables_are_named(
    source_db: Database, target_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    source_db.execute("CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION theirs FOR TABLE t")
    sync = a_sync(source_db.endpoint, target_db.endpoint)
    start(sync)
    target_db.execute("CREATE TABLE t (id int PRIMARY KEY)")
    assert wrong(precheck.check(sync)) == {}

    with target_db.connect() as conn:
        conn.execute("BEGIN; INSERT INTO t VALUES (1)")
        (finding,) = alone(sync, "other_writers")
        assert finding.status is ALERT
        assert finding.found.startswith(f"pid {conn.info.backend_pid} (postgres")

    words = libpq_environment(source_db.endpoint)
    entrance = " ".join(
        f"{name[2:].lower()}={words[name]}" for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")
    )
    with target_db.connect() as conn:
        conn.execute(
            sql.SQL(
                "CREATE SUBSCRIPTION theirs CONNECTION {} PUBLICATION theirs WITH (copy_data = false)"
            ).format(sql.Literal(f"{entrance} dbname={source_db.endpoint.database}"))
        )
    try:
        found = {item.found for item in alone(sync, "other_writers")}
        assert any("public.t (theirs)" in words for words in found)
    finally:
        target_db.execute("DROP SUBSCRIPTION theirs")


def test_expressions_are_tried_on_both_servers(source_db: Database, target_db: Database) -> None:
    source_db.execute(
        """
        CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE TABLE t (id int PRIMARY KEY, name text, amount numeric, mood mood);
        CREATE FUNCTION only_here(int) RETURNS bool LANGUAGE sql AS 'SELECT true';
        """
    )

    def refused(table: dict[str, object]) -> dict[str, str]:
        sync = a_sync(source_db.endpoint, target_db.endpoint, tables={"public.t": table})
        return {item.subject: item.found for item in alone(sync, "expressions") if item.status is FAILED}

    good = {
        "where": "id > 10 AND name LIKE '%x%' -- a comment",
        "columns": {"amount": {"type": "numeric(12,2)", "value": "round(amount, 2)"}},
        "extra": {"origin": {"type": "text", "value": "'eu'"}},
    }
    assert refused(good) == {}
    assert refused({"where": "mood = 'good'"}) == {}  # the target has no such type yet
    assert set(refused({"where": "only_here(id)"})) == {"target"}
    for where in (
        "nme = 'x'",
        "id",
        "count(*) > 1",
        "generate_series(1, 2) = 1",
    ):
        assert set(refused({"where": where})) == {"source", "target"}, where
    assert "tables.public.t.where" in refused({"where": "id"})["source"]
    for value in ("amount +", "sum(amount)", "amount END, CASE WHEN true THEN amount"):
        assert set(refused({"columns": {"amount": {"value": value}}})) == {"source", "target"}, value
    assert set(refused({"extra": {"origin": {"type": "text", "value": "name"}}})) == {"source", "target"}
    assert source_db.value("SELECT count(*) FROM t") == 0


def test_bandwidth_is_measured_unless_told_not_to(source_db: Database, target_db: Database) -> None:
    source_db.execute("CREATE TABLE t (id int PRIMARY KEY)")
    (measured,) = alone(a_sync(source_db.endpoint, target_db.endpoint), "bandwidth")
    assert "a second over one connection" in measured.found
    options = PrecheckOptions(measure_bandwidth=False)
    (without,) = alone(a_sync(source_db.endpoint, target_db.endpoint, precheck=options), "bandwidth")
    assert "Not measured" in without.found


def test_the_measurement_ends_in_time(source_db: Database, target_db: Database) -> None:
    sent, seconds = measure(source_db.endpoint, target_db.endpoint, 1 << 40, 0.3)
    assert 0.3 <= seconds < 5
    assert sent > 100_000
    left = "SELECT count(*) FROM pg_class WHERE relname = 'adbsync_bandwidth'"
    assert (source_db.value(left), target_db.value(left)) == (0, 0)


def test_who_acknowledged_what_is_kept(source_db: Database, target_db: Database) -> None:
    source_db.execute(TABLES)
    options = PrecheckOptions(acknowledge=("partitions",))
    sync = a_sync(source_db.endpoint, target_db.endpoint, precheck=options)

    def run() -> dict[str, tuple[str, object]]:
        report = precheck.check(sync, ["replica_identity", "collation"])
        precheck.record(sync, report, ["replica_identity", "collation"], "ada")
        with target_db.connect() as conn:
            return {item.check: (item.by, item.at) for item in state.findings.read_acknowledged(conn, "shop")}

    first = run()
    assert {check: by for check, (by, _) in first.items()} == {
        "partitions": "configuration",
        "replica_identity": "ada",
    }
    assert run() == first  # accepted once, it stays accepted since then
