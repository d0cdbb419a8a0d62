"""Tables as assets: what they are called, and what tasks announce of them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from airflow.models.asset import AssetEvent, AssetModel
from airflow.sdk import DAG, Asset
from airflow.utils.session import create_session
from sqlalchemy import select

from airflow_adbsync import sync_alias, table_asset
from airflow_adbsync.assets import create_asset, sanitize_uri
from airflow_adbsync.engine import load, replica_identity, schema
from airflow_adbsync.engine.errors import ConfigError
from airflow_adbsync.engine.start import start as begin
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.hooks.sync import read_config
from airflow_adbsync.operators.full_load import FullLoadOperator
from airflow_adbsync.operators.incremental import IncrementalOperator
from tests.airflow import shop
from tests.airflow.runs import run, run_again, start, states
from tests.databases import Database

CONFIG = {
    "sync_id": "shop_assets",
    "source": "shop_source",
    "target": "shop_target",
    "objects": {"schemas": ["shop", "Back Office"]},
}
ORDERS = "adbsync://shop_target/shop_assets/shop/orders"
SHEETS = "adbsync://shop_target/shop_assets/Back%20Office/Time%20Sheet"


def test_a_table_is_named_by_connection_sync_schema_and_table() -> None:
    assert table_asset(CONFIG, "shop.orders").uri == ORDERS
    assert table_asset(CONFIG, '"Back Office"."Time Sheet"').uri == SHEETS
    assert table_asset("../../dags/shop.yaml", "shop.orders").uri == "adbsync://shop_target/shop/shop/orders"
    made = create_asset(target="shop_target", sync_id="shop_assets", schema="shop", table="orders")
    assert made == table_asset(CONFIG, "shop.orders")
    assert sync_alias(CONFIG).name == "adbsync://shop_target/shop_assets"


@pytest.mark.parametrize(
    "uri", ["adbsync:///a/b/c", "adbsync://t/a/b", "adbsync://t/a//c", "adbsync://t/a/b/c/d"]
)
def test_airflow_refuses_a_uri_of_another_form(uri: str) -> None:
    with pytest.raises(ValueError, match="adbsync://<target"):
        sanitize_uri(urlsplit(uri))
    with pytest.raises(ValueError, match="adbsync://<target"):
        Asset(uri)


def test_a_name_that_is_none_is_refused_while_the_dag_file_is_read() -> None:
    with pytest.raises(ConfigError, match="not a qualified name"):
        table_asset(CONFIG, "orders")


def test_tables_are_announced_when_they_are_loaded_and_when_they_have_changed(
    airflow_database: None, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    sync = Sync(read_config(CONFIG), source_db.endpoint, target_db.endpoint)
    replica_identity.prepare(sync)
    begin(sync)
    schema.create(sync)
    with DAG("all") as everything:
        bins = [each.to_json() for each in load.plan(sync).bins]
        FullLoadOperator.partial(task_id="load", config=CONFIG).expand(bin=bins)
    assert run(everything) == {"load": {"success"}}
    loaded = announced()
    assert loaded[ORDERS][-1]["rows"] == 500
    assert loaded[SHEETS][-1]["rows"] == 50
    assert {extra["event"] for extras in loaded.values() for extra in extras} == {"loaded"}
    assert loaded[ORDERS][-1]["lsn"]

    source_db.execute("INSERT INTO shop.orders (total) VALUES (1), (2), (3)")
    with DAG("more") as more:
        IncrementalOperator(task_id="more", config=CONFIG)
    first = start(more)
    assert states(first) == {"more": {"success"}}
    changed = announced()
    assert changed[ORDERS][-1]["event"] == "changed"
    assert changed[ORDERS][-1]["rows"] == 3
    assert len(changed[SHEETS]) == len(loaded[SHEETS]), "nothing happened to it"

    # Whoever clears the task wants to hear it again; another run has nothing to tell.
    assert run_again(more, first, "more") == {"success"}
    again = announced()
    assert again[ORDERS][-1] == changed[ORDERS][-1]
    assert len(again[ORDERS]) == len(changed[ORDERS]) + 1
    assert run(more) == {"more": {"success"}}
    assert announced() == again


def announced() -> dict[str, list[dict[str, object]]]:
    """What Airflow has heard of each of the sync's tables, in order."""
    with create_session() as session:
        query = (
            select(AssetModel.uri, AssetEvent.extra)
            .join(AssetEvent, AssetEvent.asset_id == AssetModel.id)
            .where(AssetModel.uri.startswith("adbsync://shop_target/shop_assets/"))
            .order_by(AssetEvent.id)
        )
        found: dict[str, list[dict[str, object]]] = {}
        for uri, extra in session.execute(query):
            found.setdefault(uri, []).append(extra)
        return found
