"""How the schema phase says what the target refused."""

from __future__ import annotations

import json

import pytest

from airflow_adbsync.engine.errors import StatementFailed
from airflow_adbsync.engine.schema.outcome import Failure, SchemaResult, raise_on


def test_nothing_failed() -> None:
    raise_on([])


def test_every_failure_is_told_with_its_definition_and_the_servers_words() -> None:
    with pytest.raises(StatementFailed) as error:
        raise_on(
            [
                Failure("index public.i", "CREATE INDEX i ON t (a)", 'column "a" does not exist', "42703"),
                Failure("view public.v", "CREATE VIEW v", "not tried: it needs table public.t"),
            ]
        )

    assert error.value.what.splitlines() == [
        "The target refused 2 statements:",
        'index public.i: column "a" does not exist',
        "CREATE INDEX i ON t (a)",
        "view public.v: not tried: it needs table public.t",
        "CREATE VIEW v",
    ]
    assert error.value.remedy.startswith("Mend what the server names")
    assert not error.value.retryable


def test_what_is_there_already_has_a_remedy_of_its_own() -> None:
    with pytest.raises(StatementFailed) as error:
        raise_on([Failure("table public.t", "CREATE TABLE t", 'relation "t" already exists', "42P07")])

    assert error.value.remedy.startswith("Drop or rename what the target has")


def test_a_thousand_failures_are_not_all_told() -> None:
    with pytest.raises(StatementFailed) as error:
        raise_on([Failure(f"table t{n}", "x" * 10_000, "no") for n in range(1000)])

    assert "and 980 more, see adbsync.statement" in error.value.what
    assert len(error.value.what) < 20_000


def test_only_a_foreign_key_that_does_not_hold_may_pass() -> None:
    assert Failure("", "", "", "23503").may_pass
    assert not Failure("", "", "", "23505").may_pass


def test_the_result_is_json() -> None:
    result = SchemaResult(3, 1, ("foreign key",), ("view",), ("function f",))

    assert json.loads(json.dumps(result.to_json())) == {
        "ran": 3,
        "already": 1,
        "postponed": ["foreign key"],
        "left_out": ["view"],
        "changed": ["function f"],
    }
