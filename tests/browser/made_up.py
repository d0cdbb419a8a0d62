"""Syncs that are only told of in a control schema: one of 5,000 tables, and one in trouble."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import read_server
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.model import Finding, Lsn, QualifiedName, Status
from airflow_adbsync.engine.state.verifications import DifferingRow, TableVerification
from tests.databases import Database

MISSING = (DifferingRow("missing_on_target", "(7)"),)
OTHER = (DifferingRow("differing", "(12)"), DifferingRow("differing", "(40)", repaired=True))


def make_big(database: Database, source: Database) -> None:
    """A sync of 5,000 tables as it is seen while they are loaded, and a week of samples."""
    source.execute("SELECT pg_create_logical_replication_slot('adbsync_big', 'pgoutput')")
    place = source.value("SELECT pg_current_wal_insert_lsn()")
    with database.connect() as conn, conn.transaction():
        state.ensure(conn)
    database.execute(
        f"""
        INSERT INTO adbsync.sync
            (sync_id, config, slot_name, system_identifier, timeline, source_database, start_lsn,
             created_at)
        VALUES ('big', '{{}}', 'adbsync_big', '1', 1, 'erp', '0/1000000', now() - interval '9 days');
        INSERT INTO adbsync.progress (sync_id, lsn, commit_time, transactions, changes)
        VALUES ('big', '{place}', now(), 1000, 123456789);
        INSERT INTO adbsync.phase VALUES
            ('big', 'precheck', 'done', now() - interval '50 min', now() - interval '49 min'),
            ('big', 'replica_identity', 'done', now() - interval '49 min', now() - interval '49 min'),
            ('big', 'start', 'done', now() - interval '49 min', now() - interval '48 min'),
            ('big', 'schema', 'done', now() - interval '48 min', now() - interval '40 min'),
            ('big', 'load', 'running', now() - interval '40 min', NULL);
        INSERT INTO adbsync.relation
            (sync_id, schema_name, table_name, snapshot, rows, bytes, seconds, loaded_at)
        SELECT 'big', 'erp_' || lpad((n % 40)::text, 2, '0'), 'ledger_' || lpad(n::text, 4, '0'), '1:1:',
               n * 997 % 900000, n::bigint * 99700 % 900000000, n % 90 / 7.0, now() - n * interval '1 s'
        FROM generate_series(1, 5000) AS n;
        UPDATE adbsync.relation
        SET snapshot = NULL, rows = NULL, bytes = NULL, seconds = NULL, loaded_at = NULL
        WHERE right(table_name, 4)::int > 4200;
        INSERT INTO adbsync.chunk (sync_id, schema_name, table_name, number, condition, snapshot, rows, bytes)
        SELECT 'big', 'erp_00', 'ledger_4240', n, '', CASE WHEN n < 5 THEN '1:1:' END,
               CASE WHEN n < 5 THEN 100000 END, CASE WHEN n < 5 THEN 9000000 END
        FROM generate_series(0, 7) AS n;
        INSERT INTO adbsync.lag_sample
            (sync_id, sampled_at, lag_bytes, lag_seconds, retained_bytes, source_lsn, changes)
        SELECT 'big', clock_timestamp() - n * interval '10 s',
               abs(sin(n / 500.0)) * 3e9, abs(sin(n / 500.0)) * 400, 4e9,
               '0/0'::pg_lsn + (1e12 - n * 1e6)::numeric, 900000000 - n * 1000
        FROM generate_series(1, 60480) AS n;
        INSERT INTO adbsync.verification
        SELECT sync_id, schema_name, table_name, rows, rows, 'x', 'x' FROM adbsync.relation
        WHERE snapshot IS NOT NULL AND right(table_name, 4)::int < 1000;
        ANALYZE;
        """
    )


@contextmanager
def loading(database: Database) -> Iterator[None]:
    """Somebody loads tables of the big sync."""
    with database.connect() as conn:
        state.ownership.hold_load(conn, "big")
        yield


def make_bad(database: Database, source: Database) -> None:
    """A sync in all kinds of trouble: its slot is gone, a phase failed, tables differ, the precheck warns."""
    config = SyncConfig(sync_id="bad", source="a", target="b", objects={"schemas": ["public"]})
    with database.connect() as conn, source.connect() as there, conn.transaction():
        state.syncs.register(conn, config, "adbsync_bad", read_server(there))
        state.syncs.set_start(conn, "bad", Lsn(1000))
        state.progress.begin(conn, "bad", Lsn(1000))
        names = [QualifiedName("public", name) for name in ("accounts", "branches", "tellers")]
        state.relations.enlist(conn, "bad", names)
        state.verifications.record(
            conn,
            "bad",
            [
                TableVerification(names[0], 1000, 1000, "a", "a"),
                TableVerification(names[1], 10, 9, "a", "b", missing_on_target=1, keys=MISSING),
                TableVerification(names[2], 100, 100, "a", "b", differing=2, keys=OTHER),
            ],
        )
        state.findings.replace(
            conn,
            "bad",
            [
                Finding("wal_level", Status.PASSED, "wal_level is logical."),
                Finding("versions", Status.PASSED, "Source 16.14, target 18.4."),
                Finding(
                    "unsupported_objects", Status.ALERT, "An event trigger is not carried.",
                    "Make it on the target, or acknowledge:\nprecheck: {acknowledge: [unsupported_objects]}",
                    "audit_ddl",
                ),
                Finding("row_security", Status.ALERT, "Policies hide rows.", "ALTER ROLE r BYPASSRLS;"),
                Finding(
                    "replication_slots", Status.FAILED, "All 10 slots of max_replication_slots are taken.",
                    "ALTER SYSTEM SET max_replication_slots = 20;  -- then restart the source",
                ),
            ],
            {"unsupported_objects": "ada"},
        )  # fmt: skip
        state.phases.started(conn, "bad", "precheck")
        state.phases.finished(conn, "bad", "precheck")
        state.phases.started(conn, "bad", "incremental")
        state.phases.finished(
            conn,
            "bad",
            "incremental",
            "public.tellers: column bonus was added on the source at 0/3A2B1C8. "
            "What to do: Add it there too: ALTER TABLE public.tellers ADD COLUMN bonus numeric;",
        )
        state.actions.record(conn, "bad", actor="ada", action="stop", detail="at 0/3A2B1C8")
