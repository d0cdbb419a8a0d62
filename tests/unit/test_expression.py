"""What the configuration takes for one SQL expression."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.config.expression import refuse_more_than_an_expression


@pytest.mark.parametrize(
    "text",
    [
        "id > 10",
        "(a + b) * 2 = any(array[1, 2]) -- a remark; with ) in it",
        "note <> 'it''s; (' AND note <> E'\\'; (' AND \"odd;)\" IS DISTINCT FROM $q$;)select$q$",
        "/* one /* within ' */ another ; ) */ extract(year from made) > 2000",
        "made > timestamp with time zone '2024-01-01' AND selected AND tables = 1",
        "body -> 'values' ? 'select'",
    ],
)
def test_an_expression_is_taken_as_it_is(text: str) -> None:
    assert refuse_more_than_an_expression(text) == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("true; DROP TABLE t", "semicolon"),
        ("true) OR (true", "parentheses"),
        ("(true", "parentheses"),
        ("id IN (SELECT id FROM secret)", "SELECT is not for an expression"),
        ("id IN (table secret)", "table is not"),
        ("id IN (VALUES (1))", "VALUES is not"),
        ("note = 'open", "quote before 'open' doesn't end"),
        ('"open = 1', "quote before"),
        ("true /* open", "comment doesn't end"),
        ("$a$ ; $b$", "semicolon"),
    ],
)
def test_anything_more_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        refuse_more_than_an_expression(text)
