"""A precheck's report: its order, its verdict, its rendering, and checks that can't run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from airflow_adbsync.engine.config import Objects, SyncConfig
from airflow_adbsync.engine.errors import ConfigError, ConnectionFailed, PrecheckFailed
from airflow_adbsync.engine.model import Endpoint, Finding, Status
from airflow_adbsync.engine.precheck import CHECKS, PrecheckReport, render
from airflow_adbsync.engine.precheck.check import Check, alert, failed, passed
from airflow_adbsync.engine.precheck.context import Context, NotRun
from airflow_adbsync.engine.precheck.running import refuse_unknown, run_all
from airflow_adbsync.engine.sync import Sync

GOOD = passed("wal_level", "wal_level is logical.", subject="source")
ODD = alert("encoding", "The encodings differ.", "Use UTF8.")
BAD = failed("names", "The name is taken.", "Choose another sync_id.", subject="source")
BROKEN = Finding("keys", Status.BROKEN, "Could not run: out of memory")


def report(*findings: Finding, acknowledged: tuple[str, ...] = ()) -> PrecheckReport:
    return PrecheckReport.of("shop", findings, acknowledged)


@pytest.fixture
def context() -> Context:
    config = SyncConfig(sync_id="shop", source="a", target="b", objects=Objects(schemas=("public",)))
    nowhere = Endpoint(host="127.0.0.1", port=1, database="app", user="me")
    return Context(Sync(config, nowhere, Endpoint(host="127.0.0.1", port=1, database="copy", user="me")))


def test_the_worst_comes_first_and_equals_keep_their_order() -> None:
    second = alert("database_name", "It holds a hyphen.", "Rename it.")
    assert report(GOOD, ODD, second, BROKEN, BAD).findings == (BAD, BROKEN, ODD, second, GOOD)


def test_only_what_passed_or_is_acknowledged_lets_the_sync_start() -> None:
    assert report(GOOD).passed()
    assert not report(GOOD, ODD).passed()
    assert report(GOOD, ODD).passed(["encoding"])
    assert report(GOOD, ODD, acknowledged=("encoding",)).passed()
    assert not report(GOOD, ODD).passed(["keys"])


@pytest.mark.parametrize("finding", [BAD, BROKEN])
def test_a_failure_and_a_broken_check_cannot_be_acknowledged(finding: Finding) -> None:
    assert not report(finding).passed([finding.check])


def test_the_error_names_what_is_wrong_and_what_to_do() -> None:
    with pytest.raises(PrecheckFailed) as caught:
        report(GOOD, ODD, BAD).raise_unless_passed()
    text = str(caught.value)
    assert "names (source): failed: The name is taken. To do: Choose another sync_id." in text
    assert "['encoding'] into `precheck.acknowledge`" in text
    assert "wal_level" not in text
    report(GOOD, ODD).raise_unless_passed(["encoding"])


def test_findings_are_counted_by_status() -> None:
    assert report(GOOD, GOOD, ODD).counts == {"failed": 0, "broken": 0, "alert": 1, "passed": 2}


def test_the_table_reads_well() -> None:
    assert render(report(GOOD, ODD, BAD, acknowledged=("encoding",))).splitlines() == [
        "STATUS    CHECK      SUBJECT  FOUND",
        "failed    names      source   The name is taken.",
        "                              To do: Choose another sync_id.",
        "accepted  encoding            The encodings differ.",
        "                              To do: Use UTF8.",
        "passed    wal_level  source   wal_level is logical.",
        "",
        "Sync shop: failed 1, could not run 0, alerts 1 (accepted 1), passed 1: the sync may not start.",
    ]


def test_the_table_knows_what_the_caller_acknowledges() -> None:
    assert render(report(GOOD, ODD), ["encoding"]).endswith("the sync may start.")
    assert render(report(GOOD, ODD)).endswith("the sync may not start.")


def test_long_texts_are_wrapped_under_their_column() -> None:
    lines = render(report(alert("keys", "word " * 60, "do " * 60))).splitlines()
    assert max(map(len, lines)) <= 120
    assert len(lines) > 6


def test_every_check_runs_whatever_becomes_of_the_others(context: Context) -> None:
    def refused(_: Context) -> Iterator[Finding]:
        yield GOOD
        raise ConnectionFailed("The server went away.", remedy="Wait.")

    def hindered(_: Context) -> Iterator[Finding]:
        raise NotRun("the source can't be reached")

    def buggy(_: Context) -> Iterator[Finding]:
        raise KeyError("x")

    checks = [
        Check("one", refused),
        Check("two", hindered),
        Check("three", buggy),
        Check("four", lambda _: [GOOD]),
    ]
    assert run_all(checks, context) == [
        Finding("one", Status.BROKEN, "Could not run: The server went away.", "Wait."),
        Finding("two", Status.BROKEN, "Not looked at: the source can't be reached."),
        Finding(
            "three",
            Status.BROKEN,
            "Broke with KeyError: 'x'",
            "This is a bug: please report it with the log.",
        ),
        GOOD,
    ]


def test_a_side_that_is_out_of_reach_is_said_once_and_all_else_not_looked_at(context: Context) -> None:
    findings = run_all(CHECKS, context)
    assert {finding.check for finding in findings} == {one.name for one in CHECKS}
    said = [finding for finding in findings if finding.status is Status.FAILED]
    assert [(finding.check, finding.subject) for finding in said] == [
        ("connectivity", "source"),
        ("connectivity", "target"),
    ]
    others = [finding.found for finding in findings if finding not in said]
    assert all(found.startswith("Not looked at: the ") for found in others)


def test_an_unknown_name_cannot_be_acknowledged() -> None:
    refuse_unknown([one.name for one in CHECKS])
    with pytest.raises(ConfigError, match="Did you mean 'unsupported_objects'"):
        refuse_unknown(["unsuported_objects"])
