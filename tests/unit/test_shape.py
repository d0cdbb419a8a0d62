"""What the configuration makes of tables, columns and names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.config import Operation, SyncConfig
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import Column, Key, QualifiedName, Relation, RelationKind
from airflow_adbsync.engine.shape import Shapes
from airflow_adbsync.engine.shape.shapes import refuse_same_names

ORDERS = Relation(
    QualifiedName("shop", "orders"),
    RelationKind.TABLE,
    (
        Column("id", "bigint", not_null=True),
        Column("amount", "numeric"),
        Column("note", "text"),
        Column("total", "numeric", generated=True),
    ),
    keys=(Key("orders_pkey", ("id",), primary=True),),
)


def shapes(**said: Any) -> Shapes:
    return Shapes(
        SyncConfig.model_validate(
            {"sync_id": "s", "source": "a", "target": "b", "objects": {"schemas": ["shop"]}, **said}
        )
    )


def shape_of(**options: Any) -> Any:
    return shapes(tables={"shop.orders": options}).of(ORDERS)


def test_without_a_word_everything_stays_as_it_is() -> None:
    shape = shapes().of(ORDERS)
    assert shape.target == ORDERS.name
    assert shape.is_plain
    assert shapes().renames_nothing
    assert [(column.source, column.name) for column in shape.columns] == [
        (column.name, column.name) for column in ORDERS.columns
    ]


def test_a_table_with_everything() -> None:
    shape = shape_of(
        name="store.purchases",
        where="amount > 0",
        columns={"id": "order_id", "note": False, "amount": {"type": "integer", "value": "round(amount)"}},
        extra={"origin": {"type": "text", "value": "'eu'"}},
        primary_key=["origin", "id"],
        operations=["insert", "delete"],
    )
    assert shape.target == QualifiedName("store", "purchases")
    assert [column.name for column in shape.columns] == ["order_id", "amount", "total", "origin"]
    assert [column.name for column in shape.written] == ["order_id", "amount", "origin"]
    assert [column.name for column in shape.carried] == ["order_id", "amount", "total"]
    assert shape.omitted == ("note",)
    assert shape.primary_key == ("origin", "order_id")
    assert shape.operations == {Operation.INSERT, Operation.DELETE}
    assert shape.target_column("id") == "order_id"
    assert shape.target_column("note") is None
    assert not shape.is_plain


def test_new_names_alone_leave_the_rows_as_they_are() -> None:
    shape = shape_of(name="purchases", columns={"id": "order_id"})
    assert shape.is_plain
    assert shape.target == QualifiedName("shop", "purchases")


def test_a_table_goes_with_its_schema_and_the_case_leaves_given_names_alone() -> None:
    found = shapes(names={"case": "upper", "schemas": {"shop": "store"}}, tables={"shop.a": {"name": "b"}})
    assert found.table(QualifiedName("shop", "orders")) == QualifiedName("store", "ORDERS")
    assert found.table(QualifiedName("shop", "a")) == QualifiedName("store", "b")
    assert found.column(QualifiedName("shop", "orders"), "id") == "ID"
    assert not found.renames_nothing


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"columns": {"idd": "x"}}, "no column idd.*Did you mean id"),
        ({"columns": {"id": False}}, "id belongs to the key"),
        ({"columns": {"id": {"value": "id + 1"}}}, "id belongs to the key"),
        ({"columns": {"total": {"type": "text"}}}, "generated column"),
        ({"columns": {"amount": "note"}}, "two columns would be called note"),
        ({"extra": {"note": {"type": "text", "value": "1"}}}, "two columns would be called note"),
        ({"primary_key": ["nummer"]}, "no column nummer"),
        ({"columns": {"note": {"omit": True, "name": "x"}}}, "leaves the column out"),
        ({"columns": {"note": {}}}, "nothing is said"),
        ({"operations": []}, "is empty"),
        ({"operations": ["upsert"]}, "operations"),
        ({"where": " "}, "is empty"),
        ({"name": "a.b.c"}, "not a qualified name"),
        ({"name": "x" * 64}, "63 bytes"),
        ({"primary_key": ["id", "id"]}, "names a column twice"),
    ],
)
def test_what_can_not_be_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        shape_of(**options)


def test_a_table_that_is_not_the_syncs_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"shop.order is not a table.*Did you mean shop.orders"):
        shapes(tables={"shop.order": {"name": "x"}}).all_of([ORDERS])


def test_two_tables_with_one_name_are_refused() -> None:
    upper = Relation(QualifiedName("shop", "ORDERS"), RelationKind.TABLE, ORDERS.columns, ORDERS.keys)
    with pytest.raises(ConfigError, match=r"would both be shop\.orders"):
        shapes(names={"case": "lower"}).all_of([ORDERS, upper])


def test_a_name_that_grows_too_long_in_the_other_case_is_refused() -> None:
    with pytest.raises(ConfigError, match="longer than the 63 bytes"):
        shapes(names={"case": "upper"}).cased("ß" * 31 + "ŉ")


def test_a_configuration_comes_back_from_json() -> None:
    config = SyncConfig.model_validate(
        {
            "sync_id": "s",
            "source": "a",
            "target": "b",
            "objects": {"schemas": ["shop"]},
            "names": {"case": "lower"},
            "tables": {"shop.orders": {"columns": {"id": "n", "note": False}, "operations": ["insert"]}},
        }
    )
    assert SyncConfig.model_validate(config.model_dump(mode="json")) == config


@given(st.dictionaries(st.tuples(st.text(min_size=1), st.text(min_size=1)), st.sampled_from("abc")))
def test_same_names_are_found_exactly_where_they_are(targets: dict[tuple[str, str], str]) -> None:
    named = {QualifiedName(*source): QualifiedName("t", target) for source, target in targets.items()}
    if len(set(named.values())) == len(named):
        refuse_same_names(named)
    else:
        with pytest.raises(ConfigError, match="would both be"):
            refuse_same_names(named)
