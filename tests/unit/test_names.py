"""Qualified names: read, written for people, written for SQL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.model import QualifiedName, quote_identifier

identifiers = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(identifiers, identifiers)
def test_a_name_written_for_people_is_read_back(schema: str, name: str) -> None:
    assert QualifiedName.parse(str(QualifiedName(schema, name))) == QualifiedName(schema, name)


@given(identifiers)
def test_a_quoted_identifier_has_one_meaning(name: str) -> None:
    quoted = quote_identifier(name)
    assert quoted[0] == quoted[-1] == '"'
    inner = quoted[1:-1]
    assert inner.replace('""', "").count('"') == 0
    assert inner.replace('""', '"') == name


@pytest.mark.parametrize(
    ("text", "schema", "name"),
    [
        ("public.orders", "public", "orders"),
        ("Sales.Orders", "Sales", "Orders"),
        ('"Odd.Schema"."Odd table"', "Odd.Schema", "Odd table"),
        ('public."a""b"', "public", 'a"b'),
        ("schéma.täble-1", "schéma", "täble-1"),
    ],
)
def test_names_are_read_as_they_are_written(text: str, schema: str, name: str) -> None:
    assert QualifiedName.parse(text) == QualifiedName(schema, name)


@pytest.mark.parametrize(
    "text",
    ["", "orders", ".orders", "public.", "a.b.c", 'public."', '"".t', "a b.c", 'a.b"c', 'a."b"c', "a..b"],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a qualified name"):
        QualifiedName.parse(text)


def test_sql_gets_both_parts_quoted() -> None:
    assert QualifiedName("public", 'Robert"); DROP').sql == '"public"."Robert""); DROP"'


def test_people_get_quotes_where_they_are_needed() -> None:
    assert [str(QualifiedName("s", name)) for name in ("T", "a b", "a.b", 'a"b')] == [
        "s.T",
        's."a b"',
        's."a.b"',
        's."a""b"',
    ]
