"""What OpenLineage is told of a load and of replication, by its provider's own listener and classes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG

from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.model import Endpoint, QualifiedName
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.lineage import lineage
from airflow_adbsync.operators.full_load import FullLoadOperator
from airflow_adbsync.operators.incremental import IncrementalOperator
from tests.airflow import shop
from tests.airflow.runs import run
from tests.databases import Database

CONFIG = {
    "sync_id": "shop",
    "source": "shop_source",
    "target": "shop_target",
    "objects": {"schemas": ["shop", "Back Office"]},
    "tables": {
        "shop.orders": {
            "name": "purchases",
            "columns": {"id": "order_id", "total": {"value": "round(total)"}, "placed_at": False},
            "extra": {"origin": {"type": "text", "value": "'eu'"}},
        }
    },
}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Let OpenLineage's listener hear of tasks; its events, as it sends them."""
    events = tmp_path / "events.json"
    transport = {"type": "file", "log_file_path": str(events), "append": True}
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", json.dumps(transport))
    # A fork of pytest, with its connections and threads, is nothing to send events from.
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__EXECUTE_IN_THREAD", "True")
    from airflow.providers.openlineage.plugins.listener import OpenLineageListener  # noqa: PLC0415 - reads these
    from airflow.sdk.listener import get_listener_manager  # noqa: PLC0415 - likewise

    listener = OpenLineageListener()
    manager = get_listener_manager()
    manager.add_listener(listener)
    yield lambda: [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    manager.pm.unregister(listener)


def test_columns_are_followed_through_their_renames_in_load_and_replication(
    told: Callable[[], list[dict[str, Any]]],
    airflow_database: None,
    connection: Callable[..., str],
    source_db: Database,
    target_db: Database,
) -> None:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    shop.move(Sync(SyncConfig.model_validate(CONFIG), source_db.endpoint, target_db.endpoint))
    source_db.execute("INSERT INTO shop.orders (total) VALUES (12.5)")
    order = {"number": 0, "tables": [["shop", "orders"], ["Back Office", "Time Sheet"]], "bytes": 1}
    with DAG("lineage") as dag:
        loaded = FullLoadOperator(task_id="load", config=CONFIG, bin=order)
        _ = loaded >> IncrementalOperator(task_id="incremental", config=CONFIG)

    assert run(dag) == {"load": {"success"}, "incremental": {"success"}}

    done = {each["job"]["name"]: each for each in told() if each["eventType"] == "COMPLETE"}
    load, incremental = done["lineage.load"], done["lineage.incremental"]
    here, there = _place(source_db), _place(target_db)
    assert _names(load["inputs"]) == [
        (here, f"{source_db.endpoint.database}.{name}") for name in ("Back Office.Time Sheet", "shop.orders")
    ]
    assert _names(load["outputs"]) == [
        (there, f"{target_db.endpoint.database}.{name}")
        for name in ("Back Office.Time Sheet", "shop.purchases")
    ]
    # Deferred meanwhile, and of what has changed only.
    assert _names(incremental["inputs"]) == [(here, f"{source_db.endpoint.database}.shop.orders")]
    assert incremental["outputs"] == load["outputs"][1:]
    fields = incremental["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert fields.keys() == {"order_id", "total"}, "what is not from the source has no lineage"
    (read,) = fields["order_id"]["inputFields"]
    assert (read["namespace"], read["name"], read["field"]) == (
        here,
        f"{source_db.endpoint.database}.shop.orders",
        "id",
    )
    assert fields["order_id"]["transformationType"] == "IDENTITY"
    assert fields["total"]["transformationDescription"] == "round(total)"


def _place(database: Database) -> str:
    return f"postgres://{database.endpoint.host}:{database.endpoint.port}"


def _names(datasets: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["namespace"], each["name"]) for each in datasets]


def test_without_the_provider_nothing_is_told_and_nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "airflow.providers.openlineage.extractors", None)
    here, there = (Endpoint(host="127.0.0.1", port=9, database=name, user="u") for name in "ab")
    assert lineage(shop.sync(Database(here), Database(there)), [QualifiedName("shop", "orders")]) is None
