"""The precheck on real servers: a pair that is ready, and everything that can be wrong with one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from airflow_adbsync.engine import precheck, state
from airflow_adbsync.engine.config import Objects, PrecheckOptions
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Endpoint, Status
from airflow_adbsync.engine.start import start
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.local import LocalServer
from tests.databases import Database
from tests.integration.prechecked import ACCEPTED, TABLES, a_sync, of, wrong

EVERYTHING_ON_BOTH = """
    SELECT (SELECT array_agg((oid, relname, relreplident)::text ORDER BY oid) FROM pg_class),
           (SELECT count(*) FROM pg_publication), (SELECT count(*) FROM pg_replication_slots)
"""


@pytest.fixture
def sync(source_db: Database, target_db: Database) -> Sync:
    source_db.execute(TABLES)
    return a_sync(source_db.endpoint, target_db.endpoint)


def test_a_pair_that_is_ready_passes_and_nothing_is_changed(
    sync: Sync, source_db: Database, target_db: Database
) -> None:
    before = [database.fetch(EVERYTHING_ON_BOTH) for database in (source_db, target_db)]

    report = precheck.check(sync)

    assert wrong(report) == {}
    assert report.passed()
    assert {finding.check for finding in report.findings} == {check.name for check in precheck.CHECKS}
    assert "5 tables" not in of(report, "objects")[0].found  # a partition comes with its root
    assert "4 tables" in of(report, "objects")[0].found
    assert "public.keyless" in of(report, "keys")[0].found
    assert of(report, "replica_identity")[0].found.endswith("public.keyless.")
    assert [database.fetch(EVERYTHING_ON_BOTH) for database in (source_db, target_db)] == before


def test_it_still_passes_once_the_sync_runs(sync: Sync, target_db: Database) -> None:
    start(sync)
    target_db.execute("CREATE TABLE customers (id int)")  # as the schema phase does
    assert wrong(precheck.check(sync)) == {}


def test_what_was_found_is_kept_on_the_target(sync: Sync, target_db: Database) -> None:
    report = precheck.check(sync)
    precheck.record(sync, report)
    precheck.record(sync, report)
    with target_db.connect() as conn:
        assert set(state.findings.read(conn, "shop")) == set(report.findings)
        (phase,) = state.phases.read(conn, "shop")
    assert phase.finished_at is not None
    assert (phase.finished_at - phase.started_at).total_seconds() == pytest.approx(report.seconds, abs=0.01)


def test_a_failed_report_that_cannot_be_kept_is_not_hidden_by_that(
    sync: Sync, target_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    cut_off = Sync(sync.config, sync.source, replace(sync.target, port=1))
    report = precheck.check(cut_off)
    precheck.record(cut_off, report)
    assert "could not be kept" in caplog.text
    assert "connectivity" in wrong(report)


def test_an_account_without_rights_is_told_all_that_it_lacks(
    source_db: Database, target_db: Database, stranger: Callable[[Endpoint], Endpoint]
) -> None:
    source_db.execute(f"CREATE SCHEMA app; SET search_path = app; {TABLES}")
    target_db.execute("CREATE SCHEMA app")
    source, target = stranger(source_db.endpoint), stranger(target_db.endpoint)
    sync = a_sync(source, target, objects=Objects(schemas=("app",)))

    report = precheck.check(sync)

    assert wrong(report) == {
        "replication_connection": Status.FAILED,
        "source_rights": Status.FAILED,
        "publication": Status.FAILED,
        "replica_identity": Status.FAILED,
        "target_rights": Status.FAILED,
        "session_replication_role": Status.ALERT,
    }


def test_the_remedies_are_statements_that_help(
    source_db: Database, target_db: Database, stranger: Callable[[Endpoint], Endpoint]
) -> None:
    source_db.execute(
        "CREATE SCHEMA app; CREATE TABLE app.t (id int PRIMARY KEY); CREATE TABLE app.keyless (x int)"
    )
    target_db.execute("CREATE SCHEMA app")
    source, target = stranger(source_db.endpoint), stranger(target_db.endpoint)
    sync = a_sync(source, target, objects=Objects(schemas=("app",)))
    report = precheck.check(sync)
    for check, database in (
        ("source_rights", source_db),
        ("publication", source_db),
        ("replica_identity", source_db),
        ("target_rights", target_db),
    ):
        for finding in of(report, check):
            database.execute(finding.remedy.removeprefix("As their owner: "))
    (finding,) = of(report, "replication_connection")
    source_db.execute(finding.remedy.split(" and see")[0])

    report = precheck.check(sync)
    assert wrong(report) == {"unsupported_objects": Status.ALERT}
    (finding,) = [each for each in report.outstanding() if each.check == "unsupported_objects"]
    assert finding.subject == "privileges"  # those that were granted just now: they stay on the source


def test_rows_that_a_policy_hides_are_noticed(
    source_db: Database, target_db: Database, stranger: Callable[[Endpoint], Endpoint]
) -> None:
    source_db.execute("CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ENABLE ROW LEVEL SECURITY")
    shown = precheck.check(a_sync(source_db.endpoint, target_db.endpoint))
    hidden = precheck.check(a_sync(stranger(source_db.endpoint), target_db.endpoint))
    assert "row_security" not in wrong(shown)
    assert wrong(hidden)["row_security"] is Status.FAILED


def test_what_is_in_the_way_on_the_target_fails(sync: Sync, target_db: Database) -> None:
    target_db.execute(
        "CREATE TABLE customers (id int); CREATE VIEW orders AS SELECT 1; CREATE SEQUENCE keyless"
    )
    report = precheck.check(sync)
    assert wrong(report) == {"conflicting_tables": Status.FAILED}
    target_db.execute(of(report, "conflicting_tables")[0].remedy.split("needs them: ")[1])
    assert precheck.check(sync).passed()


def test_names_that_are_taken_fail(sync: Sync, source_db: Database) -> None:
    source_db.execute("CREATE PUBLICATION adbsync_shop")
    assert wrong(precheck.check(sync)) == {"names": Status.FAILED}
    source_db.execute("DROP PUBLICATION adbsync_shop")
    source_db.execute("SELECT pg_create_logical_replication_slot('adbsync_shop', 'pgoutput')")
    assert wrong(precheck.check(sync)) == {"names": Status.FAILED}


def test_a_control_schema_of_others_fails(sync: Sync, target_db: Database) -> None:
    start(sync)
    target_db.execute("UPDATE adbsync.version SET version = 999")
    assert wrong(precheck.check(sync)) == {"control_schema": Status.FAILED}
    target_db.execute("UPDATE adbsync.version SET version = 1")
    target_db.execute("UPDATE adbsync.sync SET source_database = 'elsewhere'")
    assert wrong(precheck.check(sync)) == {"names": Status.FAILED}


def test_the_same_database_under_another_address_fails(source_db: Database) -> None:
    source_db.execute(TABLES)
    elsewhere = replace(source_db.endpoint, host="localhost")
    report = precheck.check(a_sync(source_db.endpoint, elsewhere))
    assert wrong(report)["same_database"] is Status.FAILED


def test_a_selection_that_names_what_is_not_there_fails_and_the_rest_is_looked_at(
    source_db: Database, target_db: Database
) -> None:
    source_db.execute(TABLES)
    objects = Objects(schemas=("public",), tables=("public.costumers",))
    report = precheck.check(a_sync(source_db.endpoint, target_db.endpoint, objects=objects))
    assert wrong(report)["objects"] is Status.FAILED
    assert "Did you mean public.customers?" in of(report, "objects")[0].remedy
    assert {status for check, status in wrong(report).items() if check != "objects"} == {Status.BROKEN}
    assert of(report, "wal_level")[0].status is Status.PASSED


@pytest.mark.requires(source=13)  # max_slot_wal_keep_size
def test_a_source_that_is_not_set_up_fails(
    private_server: Callable[..., LocalServer], target_db: Database
) -> None:
    settings = {
        "wal_level": "replica",
        "max_replication_slots": "0",
        "max_wal_senders": "0",
        "max_slot_wal_keep_size": "64MB",
        "max_prepared_transactions": "5",
    }
    server = private_server("source", settings=settings)
    source = Database(server.endpoint())
    source.execute(TABLES)
    source.execute("BEGIN; INSERT INTO keyless VALUES (1); PREPARE TRANSACTION 'it''s left over'")
    options = PrecheckOptions(acknowledge=ACCEPTED, long_transaction=0)
    sync = a_sync(server.endpoint(), target_db.endpoint, precheck=options)

    report = precheck.check(sync)

    assert wrong(report) == {
        "wal_level": Status.FAILED,
        "replication_slots": Status.FAILED,
        "wal_senders": Status.FAILED,
        "replication_connection": Status.FAILED,
        "slot_wal_limit": Status.ALERT,
        "long_transactions": Status.ALERT,
    }
    assert "64 MB" in of(report, "slot_wal_limit")[0].found
    assert "(postgres, database postgres): open for" in of(report, "long_transactions")[0].found
    source.execute(of(report, "long_transactions")[0].remedy.split("ended: ")[1])

    server.stop()
    (server.data_directory / "standby.signal").touch()
    server.start()

    again = wrong(precheck.check(sync))
    assert again["read_only"] is Status.FAILED  # it is a standby now
    assert "long_transactions" not in again


def test_a_read_only_target_fails(sync: Sync, target_db: Database) -> None:
    name = target_db.endpoint.database
    target_db.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert wrong(precheck.check(sync))["read_only"] is Status.FAILED


def test_an_alert_is_accepted_by_its_name(
    source_db: Database, target_db: Database, stranger: Callable[[Endpoint], Endpoint]
) -> None:
    source_db.execute(TABLES)
    target_db.execute("GRANT CREATE ON SCHEMA public TO public")
    target = stranger(target_db.endpoint)
    target_db.execute(f"GRANT CREATE ON DATABASE {target.database} TO {target.user}")
    unread = precheck.check(a_sync(source_db.endpoint, target))
    assert wrong(unread) == {"session_replication_role": Status.ALERT}
    assert unread.passed(["session_replication_role"])
    options = PrecheckOptions(acknowledge=(*ACCEPTED, "session_replication_role"))
    assert precheck.check(a_sync(source_db.endpoint, target, precheck=options)).passed()


def test_an_unknown_acknowledgement_is_refused(source_db: Database, target_db: Database) -> None:
    options = PrecheckOptions(acknowledge=("session_role",))
    with pytest.raises(ConfigError, match="no check 'session_role'"):
        precheck.check(a_sync(source_db.endpoint, target_db.endpoint, precheck=options))


def test_the_number_of_queries_does_not_grow_with_the_tables(
    sync: Sync, source_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def queries() -> int:
        statements: list[Any] = []
        execute = psycopg.Cursor.execute

        def counting(self: Any, *args: Any, **kwargs: Any) -> Any:
            statements.append(args[0])  # which threads may do at once
            return execute(self, *args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", counting)
            assert precheck.check(sync).passed()
        return len(statements)

    few = queries()
    source_db.execute(
        "DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE format('CREATE TABLE t%s (x int)', i); END LOOP; END $$"
    )
    assert queries() == few
