"""What each check makes of what it reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from airflow_adbsync.engine.errors import RightMissing
from airflow_adbsync.engine.model import (
    Family,
    Finding,
    Key,
    Lsn,
    QualifiedName,
    Relation,
    RelationKind,
    ReplicaIdentity,
    Server,
    Status,
)
from airflow_adbsync.engine.precheck.checks import (
    conflicting_tables,
    control_schema,
    database_name,
    encoding,
    identity,
    keys,
    names,
    publication,
    read_only,
    replication_connection,
    replication_slots,
    row_security,
    same_database,
    session_role,
    source_rights,
    target_rights,
    unsupported_objects,
    versions,
    wal_level,
    wal_senders,
)
from airflow_adbsync.engine.replica_identity import TableIdentity
from airflow_adbsync.engine.state.syncs import SyncRecord

PASSED, ALERT, FAILED = Status.PASSED, Status.ALERT, Status.FAILED
POSTGRESQL = Server(Family.POSTGRESQL, 160_014, "PostgreSQL 16.14", "71", 1, "app")
ANALYTICDB = Server(Family.ANALYTICDB, 120_012, "PostgreSQL 12.12 (AnalyticDB)", "72", 1, "app")
GREENPLUM = Server(Family.GREENPLUM, 120_012, "PostgreSQL 12.12 (Greenplum Database 7)", "73", 1, "app")
A, B = QualifiedName("public", "a"), QualifiedName("public", "b")
MANY = [QualifiedName("public", f"t{i:03}") for i in range(100)]


def sole(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding


@pytest.mark.parametrize(
    ("side", "server", "status"),
    [
        ("source", POSTGRESQL, PASSED),
        ("source", replace(POSTGRESQL, version_num=110_022), FAILED),
        ("target", replace(GREENPLUM, version_num=90_426), FAILED),
        ("target", GREENPLUM, PASSED),
        ("source", GREENPLUM, FAILED),
        ("source", ANALYTICDB, ALERT),
        ("target", ANALYTICDB, PASSED),
        ("source", replace(ANALYTICDB, version="PostgreSQL 12 (AnalyticDB for PostgreSQL 7.2.1.4)"), PASSED),
        ("source", replace(ANALYTICDB, version="PostgreSQL 12 (AnalyticDB for PostgreSQL 7.2.1.3)"), FAILED),
        ("source", replace(ANALYTICDB, version="PostgreSQL 12 (AnalyticDB for PostgreSQL 7.10.0.0)"), PASSED),
    ],
)
def test_versions(side: str, server: Server, status: Status) -> None:
    assert versions.assess(side, server).status is status


def test_the_same_database_by_two_addresses_fails() -> None:
    assert same_database.assess(POSTGRESQL, POSTGRESQL).status is FAILED
    assert same_database.assess(POSTGRESQL, replace(POSTGRESQL, database="copy")).status is PASSED
    assert same_database.assess(POSTGRESQL, replace(POSTGRESQL, system_identifier="99")).status is PASSED
    unknown = replace(POSTGRESQL, system_identifier="")
    assert same_database.assess(unknown, unknown).status is PASSED


def test_wal_level() -> None:
    assert wal_level.assess("logical").status is PASSED
    assert wal_level.assess("replica").status is FAILED


@pytest.mark.parametrize(
    ("used", "ours", "status"), [(9, False, PASSED), (10, False, FAILED), (10, True, PASSED)]
)
def test_one_slot_and_one_walsender_must_be_free_or_ours(used: int, ours: bool, status: Status) -> None:
    assert replication_slots.assess(10, used, ours=ours).status is status
    assert wal_senders.assess(10, used, ours=ours).status is status


def test_a_refused_replication_connection_says_how_to_allow_it() -> None:
    finding = replication_connection.assess("me", RightMissing("permission denied to start WAL sender"))
    assert finding.status is FAILED
    assert 'ALTER ROLE "me" REPLICATION;' in finding.remedy
    assert replication_connection.assess("me", ("71", 1)).status is PASSED


def test_missing_rights_come_with_the_statements_that_give_them() -> None:
    schemas, tables = source_rights.assess("me", ["Odd"], [A, B])
    assert schemas.remedy == 'GRANT USAGE ON SCHEMA "Odd" TO "me";'
    assert tables.remedy == 'GRANT SELECT ON "public"."a", "public"."b" TO "me";'
    assert {schemas.status, tables.status} == {FAILED}
    assert sole(source_rights.assess("me", [], [])).status is PASSED


def test_many_tables_make_one_readable_finding() -> None:
    finding = sole(source_rights.assess("me", [], MANY))
    assert "100 tables" in finding.found
    assert "t004 and 95 more" in finding.found
    assert "for 80 more" in finding.remedy


def test_hidden_rows_fail() -> None:
    assert row_security.assess("me", [A]).status is FAILED
    assert row_security.assess("me", []).status is PASSED


def test_publishing_takes_the_database_and_the_tables() -> None:
    found = list(publication.assess("me", "app", may_create=False, owners=[(A, "boss")]))
    assert [finding.status for finding in found] == [FAILED] * 2
    assert [finding.remedy for finding in found] == [
        'GRANT CREATE ON DATABASE "app" TO "me";',
        'GRANT "boss" TO "me";',
    ]
    assert sole(publication.assess("me", "app", may_create=True, owners=[])).status is PASSED


def test_an_identity_that_will_be_set_is_an_alert_and_one_of_another_owner_fails() -> None:
    keyed = TableIdentity(1, 1, A, ReplicaIdentity.DEFAULT, columns=("id",))
    keyless = TableIdentity(2, 2, B, ReplicaIdentity.DEFAULT)
    assert "as it is" in sole(identity.assess([keyed], Family.POSTGRESQL)).found
    will = sole(identity.assess([keyed, keyless], Family.POSTGRESQL))
    assert will.status is ALERT
    assert "will be set on 1 table until" in will.found
    cannot = sole(identity.assess([keyed, replace(keyless, owned=False)], Family.POSTGRESQL))
    assert cannot.status is FAILED
    assert 'ALTER TABLE ONLY "public"."b" REPLICA IDENTITY FULL;' in cannot.remedy


def test_keyless_tables_pass_with_a_hint() -> None:
    keyless = Relation(A, RelationKind.TABLE, ())
    keyed = Relation(B, RelationKind.TABLE, (), (Key("b_pkey", ("id",), True),))
    assert "public.a" in keys.assess([keyless, keyed]).found
    assert "public.b" not in keys.assess([keyless, keyed]).found
    assert keys.assess([keyless]).status is PASSED


def test_names_are_free_or_ours_or_taken() -> None:
    record = SyncRecord("shop", "adbsync_shop", "71", 1, "app", Lsn(1))
    assert names.assess("adbsync_shop", [], None, POSTGRESQL).status is PASSED
    assert names.assess("adbsync_shop", ["slot", "publication"], record, POSTGRESQL).status is PASSED
    taken = names.assess("adbsync_shop", ["slot", "publication"], None, POSTGRESQL)
    assert taken.status is FAILED
    assert "A slot and a publication adbsync_shop exists" in taken.found
    assert names.assess("adbsync_shop", [], record, GREENPLUM).status is FAILED
    promoted = replace(POSTGRESQL, timeline=POSTGRESQL.timeline + 1)
    assert names.assess("adbsync_shop", ["slot"], record, promoted).status is FAILED
    assert names.assess("adbsync_shop", ["slot"], record, promoted, follow=True).status is PASSED


@pytest.mark.parametrize(
    ("standby", "read_only_", "status"), [(False, False, PASSED), (True, True, FAILED), (False, True, FAILED)]
)
def test_both_sides_take_writes(standby: bool, read_only_: bool, status: Status) -> None:
    assert read_only.assess("target", standby=standby, read_only=read_only_).status is status


def test_rights_on_the_target() -> None:
    def assess(may: bool, missing: list[str], closed: list[str]) -> list[Finding]:
        return list(target_rights.assess("me", "app", may_create_schemas=may, missing=missing, closed=closed))

    assert sole(assess(True, ["adbsync"], [])).status is PASSED
    assert sole(assess(False, [], [])).status is PASSED
    assert sole(assess(False, ["adbsync"], [])).remedy == 'GRANT CREATE ON DATABASE "app" TO "me";'
    closed = sole(assess(True, [], ["public"]))
    assert (closed.status, closed.remedy) == (FAILED, 'GRANT USAGE, CREATE ON SCHEMA "public" TO "me";')


def test_foreign_keys_matter_only_where_they_cannot_be_kept_quiet() -> None:
    assert session_role.assess("me", settable=True, foreign_keys=3).status is PASSED
    assert session_role.assess("me", settable=False, foreign_keys=0).status is PASSED
    firing = session_role.assess("me", settable=False, foreign_keys=0, triggers=True)
    assert (firing.status, "triggers: disabled" in firing.remedy) == (ALERT, True)
    assert session_role.assess("me", settable=True, foreign_keys=0, triggers=True).status is PASSED
    alert = session_role.assess("me", settable=False, foreign_keys=1)
    assert alert.status is ALERT
    assert "1 foreign key:" in alert.found


def test_tables_in_the_way_fail_unless_they_are_ours() -> None:
    taken = [(A, "r"), (B, "v")]
    finding = conflicting_tables.assess(taken, ())
    assert finding.status is FAILED
    assert 'DROP TABLE "public"."a"; DROP VIEW "public"."b";' in finding.remedy
    assert conflicting_tables.assess(taken, {A, B}).status is PASSED
    assert "public.a" not in conflicting_tables.assess(taken, {A}).found
    assert conflicting_tables.assess([], ()).status is PASSED


@pytest.mark.parametrize(("version", "status"), [(None, PASSED), (2, PASSED), (3, PASSED), (4, FAILED)])
def test_only_a_newer_control_schema_fails(version: int | None, status: Status) -> None:
    assert control_schema.assess(version, known=3).status is status


def test_a_hyphen_stops_analyticdb_as_a_source_and_is_an_alert_elsewhere() -> None:
    assert database_name.assess("source", POSTGRESQL).status is PASSED
    assert database_name.assess("source", replace(POSTGRESQL, database="my-app")).status is ALERT
    assert database_name.assess("target", replace(ANALYTICDB, database="my-app")).status is ALERT
    assert database_name.assess("source", replace(ANALYTICDB, database="my-app")).status is FAILED


@pytest.mark.parametrize(
    ("source", "target", "status"),
    [
        ("UTF8", "UTF8", PASSED),
        ("LATIN1", "LATIN1", PASSED),
        ("LATIN1", "UTF8", PASSED),
        ("UTF8", "LATIN1", ALERT),
        ("SQL_ASCII", "UTF8", ALERT),
        ("SQL_ASCII", "SQL_ASCII", ALERT),
    ],
)
def test_encodings(source: str, target: str, status: Status) -> None:
    assert encoding.assess(source, target).status is status


def test_unsupported_objects_go_by_one_name() -> None:
    finding = Finding("whatever", ALERT, "An event trigger.", "Make it by hand.", "public.a")
    assert sole(unsupported_objects.assess([finding])) == replace(finding, check="unsupported_objects")
    assert sole(unsupported_objects.assess([])).status is PASSED
