"""Which tables a configuration selects out of what a database holds."""

from __future__ import annotations

import pytest

from airflow_adbsync.engine.catalog.selection import Candidate, select
from airflow_adbsync.engine.config import Objects
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.model import QualifiedName

SCHEMAS = ("public", "shop", "Odd.Schema", "empty", "pg_catalog", "information_schema", "adbsync")


def candidate(name: str, kind: str = "r", **more: object) -> Candidate:
    return Candidate(oid=hash(name) % 10_000, name=QualifiedName.parse(name), kind=kind, **more)  # type: ignore[arg-type]


DATABASE = (
    candidate("shop.orders"),
    candidate("shop.customers"),
    candidate("shop.events", "p"),
    candidate("shop.events_2024", partition=True),
    candidate("shop.cache", persistence="u"),
    candidate("shop.remote", "f"),
    candidate("shop.report", "v"),
    candidate("shop.totals", "m"),
    candidate("shop.spatial_ref_sys", extension="postgis"),
    candidate("public.log"),
    candidate('"Odd.Schema"."Odd ""table"""'),
)


def chosen(**objects: object) -> list[str]:
    found = select(DATABASE, SCHEMAS, Objects.model_validate(objects), "db")
    return [str(item.name) for item in found]


def test_a_schema_is_its_tables_and_partitioned_roots() -> None:
    assert chosen(schemas=["shop"]) == ["shop.customers", "shop.events", "shop.orders"]


def test_schemas_tables_and_exclusions_together() -> None:
    assert chosen(schemas=["shop"], tables=["public.log"], exclude=["shop.orders"]) == [
        "public.log",
        "shop.customers",
        "shop.events",
    ]


def test_a_table_named_twice_comes_once() -> None:
    assert chosen(schemas=["public"], tables=["public.log"]) == ["public.log"]


def test_odd_names() -> None:
    assert chosen(tables=['"Odd.Schema"."Odd ""table"""']) == ['"Odd.Schema"."Odd ""table"""']


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        (
            {"schemas": ["shopp"]},
            ["`objects.schemas`", "no schema shopp in database db", "Did you mean shop?"],
        ),
        ({"schemas": ["pg_catalog"]}, ["`objects.schemas`", "pg_catalog belongs to the system"]),
        ({"schemas": ["adbsync"]}, ["`objects.schemas`", "adbsync belongs to the system"]),
        ({"schemas": ["empty"]}, ["selects no table", "schema empty"]),
        (
            {"tables": ["shop.order"]},
            ["`objects.tables`", "no table shop.order", "Did you mean shop.orders?"],
        ),
        ({"tables": ["pg_catalog.pg_class"]}, ["`objects.tables`", "schema of the system"]),
        ({"tables": ["shop.cache"]}, ["shop.cache is an unlogged table"]),
        ({"tables": ["shop.remote"]}, ["shop.remote is a foreign table"]),
        ({"tables": ["shop.report"]}, ["shop.report is a view"]),
        ({"tables": ["shop.totals"]}, ["shop.totals is a materialized view"]),
        ({"tables": ["shop.spatial_ref_sys"]}, ["belongs to the extension postgis"]),
        ({"tables": ["shop.events_2024"]}, ["is a partition"]),
        ({"schemas": ["shop"], "exclude": ["shop.nothing"]}, ["`objects.exclude`", "no table shop.nothing"]),
        (
            {"schemas": ["shop"], "exclude": ["public.log"]},
            ["`objects.exclude`", "none of the chosen schemas"],
        ),
        ({"schemas": ["shop"], "exclude": ["shop.events_2024"]}, ["`objects.exclude`", "is a partition"]),
        ({"schemas": ["public"], "exclude": ["public.log"]}, ["selects no table"]),
    ],
)
def test_a_selection_that_cannot_be(objects: dict[str, list[str]], words: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        chosen(**objects)

    assert all(word in str(error.value) for word in words), str(error.value)
    assert error.value.remedy


def test_what_stands_in_the_way_may_be_excluded() -> None:
    assert "shop.cache" not in chosen(schemas=["shop"], exclude=["shop.cache"])
