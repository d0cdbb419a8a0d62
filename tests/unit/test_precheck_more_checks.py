"""What the checks of settings, surroundings and sizes make of what they read.

Some can't be seen failing on a test's servers: public addresses, other time zone data, a cluster of segments,
AnalyticDB, thousands of renamed tables, values of hundreds of megabytes. Here they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.model import (
    Column,
    Family,
    Finding,
    Lsn,
    QualifiedName,
    Relation,
    RelationKind,
    Server,
    Status,
    TlsMode,
)
from airflow_adbsync.engine.precheck import amounts
from airflow_adbsync.engine.precheck.checks import (
    bandwidth,
    collation,
    connections,
    cutover,
    extensions,
    high_availability,
    large_values,
    logical_decoding_memory,
    long_transactions,
    many_renames,
    money,
    other_syncs,
    other_writers,
    partitions,
    room,
    segments,
    session_role,
    session_timeouts,
    slot_wal_limit,
    source_rights,
    target_rights,
    time_zone,
    tls,
    wal_sender_timeout,
)
from airflow_adbsync.engine.precheck.expression import expressions
from airflow_adbsync.engine.precheck.setting import Setting
from airflow_adbsync.engine.shape import Shapes
from airflow_adbsync.engine.state.fences import Fence

PASSED, ALERT, FAILED = Status.PASSED, Status.ALERT, Status.FAILED
A, B = QualifiedName("public", "a"), QualifiedName("public", "b")
GB = 1 << 30
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def sole(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding


def settings(**values: str) -> dict[str, Setting]:
    return {name: Setting(name, value, "ms" if "timeout" in name else None) for name, value in values.items()}


def server(family: Family = Family.POSTGRESQL, version: int = 160_000) -> Server:
    return Server(family, version, "", "1", 1, "app")


@pytest.mark.parametrize(
    ("encrypted", "address", "mode", "status"),
    [
        (True, "8.8.8.8", TlsMode.VERIFY_FULL, PASSED),
        (True, "8.8.8.8", TlsMode.REQUIRE, PASSED),
        (False, "8.8.8.8", None, ALERT),
        (False, "2001:4860:4860::8888", TlsMode.PREFER, ALERT),
        (False, "10.1.2.3", None, PASSED),
        (False, "fe80::1%eth0", None, PASSED),
        (False, "", None, PASSED),
    ],
)
def test_rows_in_clear_over_a_public_network(
    encrypted: bool, address: str, mode: TlsMode | None, status: Status
) -> None:
    assert tls.assess("source", encrypted=encrypted, address=address, mode=mode).status is status


def test_time_zone_data() -> None:
    assert time_zone.assess("Europe/Berlin", (3600, 7200), (3600, 7200)).status is PASSED
    unknown = time_zone.assess("Europe/Kyiv", (7200, 10800), None)
    assert (unknown.status, unknown.subject) == (ALERT, "target")
    assert "reckon differently" in time_zone.assess("Asia/Almaty", (21600, 18000), (21600, 21600)).found


@pytest.mark.parametrize(
    ("source", "target", "status"),
    [
        (("C", "C"), ("POSIX", "C"), PASSED),
        (("en_US.utf8", "en_US.utf8"), ("en_US.UTF-8", "en_US.UTF-8"), PASSED),
        (("C", "en_US.utf8"), ("C", "C"), ALERT),
    ],
)
def test_collations(source: tuple[str, str], target: tuple[str, str], status: Status) -> None:
    assert collation.assess(source, target).status is status


def test_money_matters_where_there_is_any() -> None:
    assert money.assess("en_US.utf8", "ja_JP.utf8", []).status is PASSED
    assert money.assess("ja_JP.utf8", "ja_JP.utf8", [A]).status is PASSED
    assert money.assess("en_US.utf8", "ja_JP.utf8", [A]).status is ALERT


def test_connections_and_timeouts() -> None:
    assert connections.assess("target", 10, 10).status is PASSED
    assert connections.assess("target", 9, 10).status is ALERT
    assert wal_sender_timeout.assess(0).status is PASSED
    assert wal_sender_timeout.assess(60).status is PASSED
    assert wal_sender_timeout.assess(2).status is ALERT
    assert session_timeouts.assess("source", "me", {}).status is PASSED
    lifted = session_timeouts.assess("source", "me", settings(statement_timeout="30000"))
    assert (lifted.status, "statement_timeout 30 s" in lifted.found) == (PASSED, True)
    idle = session_timeouts.assess("source", "me", settings(idle_session_timeout="10000"))
    assert (idle.status, idle.remedy) == (ALERT, 'ALTER ROLE "me" SET idle_session_timeout = 0;')


def test_wal_that_a_slot_may_keep() -> None:
    assert slot_wal_limit.assess(-1, 100 * GB).status is PASSED
    assert slot_wal_limit.assess(100 * GB, 50 * GB).status is PASSED
    assert slot_wal_limit.assess(10 * GB, 50 * GB).status is ALERT
    assert slot_wal_limit.assess(0.5 * GB, 0).status is ALERT


def test_memory_for_decoding_is_a_hint() -> None:
    assert "4096" in logical_decoding_memory.assess(None).found
    assert "faster" in logical_decoding_memory.assess(1 << 20).found
    assert "faster" not in logical_decoding_memory.assess(64 << 20).found


def test_failover() -> None:
    on = settings(hot_standby="on", hot_standby_feedback="on", sync_replication_slots="on")
    analyticdb = server(Family.ANALYTICDB, 120_012)
    assert high_availability.assess(analyticdb, 1, on).status is PASSED
    off = high_availability.assess(analyticdb, 0, on | settings(hot_standby_feedback="off"))
    assert (off.status, "hot_standby_feedback" in off.found) == (ALERT, True)
    assert (
        "sync_replication_slots" in high_availability.assess(analyticdb, 0, settings(hot_standby="on")).found
    )
    assert high_availability.assess(server(), 0, {}).status is PASSED
    assert high_availability.assess(server(), 1, {}).status is ALERT
    assert high_availability.assess(server(version=170_000), 1, {}).status is PASSED


def test_long_transactions_say_who_and_how_to_end_them() -> None:
    session = long_transactions.OpenTransaction(7200, 42, None, "ada", "app", "report", writes=False)
    prepared = long_transactions.OpenTransaction(90_000, None, "it's", "bob", "app", "", writes=True)
    assert long_transactions.assess([session, prepared], timedelta(days=2)).status is PASSED
    found = long_transactions.assess([prepared, session], timedelta(hours=1))
    assert found.status is ALERT
    assert found.found == (
        'prepared "it\'s" (bob, database app): open for 25 h, holds up the slot, '
        "pid 42 (ada, database app, report): open for 2 h, holds up vacuum."
    )
    assert found.remedy.endswith("ROLLBACK PREPARED 'it''s'; SELECT pg_terminate_backend(42);")


def test_large_values() -> None:
    assert large_values.assess([]).status is PASSED
    assert large_values.assess([(A, 8000)]).status is PASSED
    assert "public.a" in large_values.assess([(A, 8000)]).found
    assert large_values.assess([(A, 8000), (B, 300 << 20)]).status is ALERT


def test_many_renames() -> None:
    assert many_renames.assess(5000, 5000).status is PASSED
    assert many_renames.assess(20_000, 0).status is PASSED
    assert many_renames.assess(5001, 1).status is ALERT


def test_partitions() -> None:
    assert partitions.assess([]).status is PASSED
    assert partitions.assess([A]).status is ALERT


def test_room() -> None:
    assert room.assess(10 * GB, None, told_by="").status is PASSED
    assert room.assess(10 * GB, 20 * GB, told_by="x").status is PASSED
    assert room.assess(30 * GB, 20 * GB, told_by="x").status is FAILED


def test_extensions_come_with_the_right_remedy() -> None:
    needed = Finding("x", ALERT, "It is used.", 'CREATE EXTENSION "vector".', "extension vector")
    assert sole(extensions.assess([], {})).status is PASSED
    there = sole(extensions.assess([needed], {"vector": "0.8"}))
    assert (there.status, there.remedy) == (FAILED, needed.remedy)
    assert "Install" in sole(extensions.assess([needed], {})).remedy


def test_a_cut_over_that_was_made_or_stands_half_way() -> None:
    begun = Fence("read_only", (), (), NOW, Lsn(1), None)
    made = replace(begun, switched_at=NOW)
    assert cutover.assess(None, both_ways=False).status is PASSED
    for half in (begun, replace(begun, final_lsn=None), replace(begun, aborted_at=NOW)):
        finding = cutover.assess(half, both_ways=True)
        assert finding.status is FAILED
        assert "fenced (read_only) at 2026-01-31 12:00:00" in finding.found
    assert cutover.assess(made, both_ways=False).status is FAILED
    assert cutover.assess(made, both_ways=True).status is PASSED


def test_other_syncs_and_other_writers() -> None:
    assert sole(other_syncs.assess([A], {"theirs": [B]})).status is PASSED
    assert sole(other_syncs.assess([A, B], {"theirs": [B], "more": []})).status is FAILED
    assert sole(other_writers.assess([], [])).status is PASSED
    both = list(other_writers.assess([("pid 7 (ada)", [A])], [("sub", B)]))
    assert [item.status for item in both] == [ALERT, ALERT]


UP = [(-1, "p", "u"), (0, "p", "u"), (0, "m", "u"), (1, "p", "u"), (1, "m", "u")]


@pytest.mark.parametrize(
    ("role", "rows", "status"),
    [
        ("dispatch", UP, PASSED),
        ("utility", UP, FAILED),
        ("dispatch", [*UP[:4], (1, "m", "d")], ALERT),
        ("dispatch", [*UP[:3], (1, "p", "d"), (1, "m", "u")], FAILED),
    ],
)
def test_segments(role: str, rows: list[tuple[int, str, str]], status: Status) -> None:
    assert sole(segments.assess(role, rows)).status is status


def test_rights_that_are_easily_forgotten() -> None:
    assert (
        sole(source_rights.assess("me", [], [], [A])).remedy
        == 'GRANT SELECT ON SEQUENCE "public"."a" TO "me";'
    )
    staging = sole(
        target_rights.assess("me", "app", may_create_schemas=True, missing=[], closed=[], may_stage=False)
    )
    assert (staging.status, staging.remedy) == (FAILED, 'GRANT TEMPORARY ON DATABASE "app" TO "me";')
    cascading = session_role.assess("me", settable=False, foreign_keys=1, cascading=[A])
    assert cascading.status is FAILED
    assert session_role.assess("me", settable=True, foreign_keys=1, cascading=[A]).status is PASSED


def test_the_expected_duration() -> None:
    found = bandwidth.assess((100 << 20, 2.0), 100 * GB, 4).found
    assert "50 MB a second" in found
    assert "about 34 min one after the other, down to 9 min over 4" in found
    assert "Not measured; the tables hold 1.0 GB" in bandwidth.assess(None, GB, 4).found


@given(st.integers(0, 1 << 60), st.floats(0, 1e9))
def test_amounts_are_short(number: int, seconds: float) -> None:
    assert len(amounts.size(number)) <= 15
    assert len(amounts.time(seconds)) <= 10


def test_expressions_see_the_columns_that_they_mention() -> None:
    columns = (Column("id", "integer"), Column("Mood", "public.mood"), Column("name", "text"))
    relation = Relation(QualifiedName("shop", "orders"), RelationKind.TABLE, columns)
    config = SyncConfig.model_validate(
        {
            "sync_id": "x",
            "source": "a",
            "target": "b",
            "objects": {"tables": ["shop.orders"]},
            "tables": {
                "shop.orders": {
                    "where": "id > 1 -- identity",
                    "columns": {"name": {"value": 'upper("Mood"::text)', "type": "varchar(9)"}},
                    "extra": {"origin": {"type": "text", "value": "'eu'"}},
                }
            },
        }
    )
    found = {item.key: item.statements for item in expressions(relation, Shapes(config).of(relation))}
    assert found == {
        "tables.shop.orders.where": (
            'SELECT FROM (SELECT CAST(NULL AS integer) AS "id") AS "orders" WHERE (\nid > 1 -- identity\n)',
            (
                'SELECT FROM (SELECT CAST(NULL AS integer) AS "id") AS "orders" '
                "WHERE CASE WHEN true THEN\nid > 1 -- identity\nEND"
            ),
        ),
        "tables.shop.orders.columns.name.value": (
            (
                'SELECT CAST((\nupper("Mood"::text)\n) AS varchar(9)) '
                'FROM (SELECT CAST(NULL AS public.mood) AS "Mood") AS "orders" '
            ),
            (
                'SELECT FROM (SELECT CAST(NULL AS public.mood) AS "Mood") AS "orders" '
                'WHERE CASE WHEN true THEN\nupper("Mood"::text)\nEND IS NOT NULL'
            ),
        ),
        "tables.shop.orders.extra.origin.value": (
            "SELECT CAST((\n'eu'\n) AS text) ",
            "SELECT WHERE CASE WHEN true THEN\n'eu'\nEND IS NOT NULL",
        ),
    }


def test_every_check_is_shown_failing() -> None:
    """A check's module is named by a test that looks at what it yields when all is not well."""
    package = Path(tls.__file__).parent
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_precheck*.py"))
    hands_on = {
        "connectivity",
        "selection",
        "distribution",
        "expressions",
    }  # on real servers, in tests/integration
    named = {path.stem for path in package.glob("*.py") if f"{path.stem}.assess(" in tests}
    assert {path.stem for path in package.glob("*.py")} - named - hands_on == {"__init__"}
