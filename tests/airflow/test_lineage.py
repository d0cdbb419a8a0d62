"""What OpenLineage is told, with stand-ins for its classes: the provider is optional."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.openlineage import facet

from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.lineage import lineage
from airflow_adbsync.operators.full_load import FullLoadOperator
from tests.airflow import shop
from tests.databases import Database

CONFIG = {
    "sync_id": "shop",
    "source": "shop_source",
    "target": "shop_target",
    "objects": {"schemas": ["shop"]},
    "tables": {
        "shop.orders": {
            "name": "purchases",
            "columns": {"id": "order_id", "total": {"value": "round(total)"}, "placed_at": False},
        }
    },
}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ColumnLineageDatasetFacet", "Dataset", "Fields", "InputField"):
        monkeypatch.setattr(facet, name, SimpleNamespace, raising=False)
    module: Any = ModuleType("airflow.providers.openlineage.extractors")
    module.OperatorLineage = SimpleNamespace
    monkeypatch.setitem(sys.modules, "airflow.providers.openlineage", ModuleType("openlineage"))
    monkeypatch.setitem(sys.modules, "airflow.providers.openlineage.extractors", module)


def test_columns_are_followed_through_their_renames(
    provider: None, connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    order = {"number": 0, "tables": [["shop", "orders"]], "bytes": 1}
    told = FullLoadOperator(task_id="load", config=CONFIG, bin=order).get_openlineage_facets_on_complete(None)
    here, there = source_db.endpoint, target_db.endpoint
    (read,), (written,) = told.inputs, told.outputs
    assert (read.namespace, read.name) == (
        f"postgres://{here.host}:{here.port}",
        f"{here.database}.shop.orders",
    )
    assert written.name == f"{there.database}.shop.purchases"
    fields = written.facets["columnLineage"].fields
    assert {name: field.inputFields[0].field for name, field in fields.items()} == {
        "order_id": "id",
        "total": "total",
    }
    assert fields["order_id"].transformationType == "IDENTITY"
    assert fields["total"].transformationDescription == "round(total)"


def test_without_the_provider_nothing_is_told_and_nothing_asked() -> None:
    nowhere = shop.sync(Database(_nowhere("a")), Database(_nowhere("b")))
    assert isinstance(nowhere, Sync)
    assert lineage(nowhere, [QualifiedName("shop", "orders")]) is None


def _nowhere(name: str) -> Any:
    from airflow_adbsync.engine.model import Endpoint  # noqa: PLC0415 - only here

    return Endpoint(host="127.0.0.1", port=9, database=name, user="u")
