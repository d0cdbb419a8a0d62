"""Watching one table for changes: gathered, resumed, and told once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from airflow.sdk import AssetWatcher

from airflow_adbsync import table_asset
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.triggers import relation_changed
from airflow_adbsync.triggers.debounce import Debounce
from airflow_adbsync.triggers.relation_changed import RelationChangedTrigger
from tests.airflow import shop
from tests.databases import Database
from tests.integration.replicated import follow


class Store:
    """What Airflow keeps for an asset."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    async def aget(self, key: str, default: Any = None) -> Any:
        return self.kept.get(key, default)

    async def aset(self, key: str, value: Any) -> None:
        self.kept[key] = value


def looks(debounce: Debounce[int], *seen: tuple[float, int]) -> list[float]:
    return [moment for moment, position in seen if debounce.look(position, moment)]


def test_a_change_is_told_once_it_has_rested() -> None:
    debounce = Debounce(0, quiet=10, longest=100)
    assert looks(debounce, (0, 0), (5, 1), (10, 1), (15, 1), (20, 1), (99, 1)) == [15]


def test_changes_that_go_on_are_gathered_but_not_for_ever() -> None:
    debounce = Debounce(0, quiet=10, longest=30)
    assert looks(debounce, *((float(n), n) for n in range(1, 70))) == [31, 62]


def test_what_goes_back_to_where_it_was_is_not_told() -> None:
    debounce = Debounce(0, quiet=10, longest=100)
    assert looks(debounce, (0, 1), (5, 0), (50, 0)) == []


@pytest.fixture
def moved(connection: Callable[..., str], source_db: Database, target_db: Database) -> Sync:
    shop.make_shop(source_db)
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    sync = shop.sync(source_db, target_db)
    shop.move(sync)
    return sync


async def test_it_tells_of_each_change_once_however_often_it_starts_anew(
    moved: Sync, source_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relation_changed, "_DELIVERED_AFTER", 0.05)
    store = Store()

    assert await watch(store, 0.7) == [], "what was there before the first start is no news"
    source_db.execute("INSERT INTO shop.orders (total) VALUES (1), (2)")
    source_db.execute("""INSERT INTO "Back Office"."Time Sheet" VALUES ('w9', 1)""")
    await asyncio.to_thread(follow, moved)
    (told,) = await watch(store, 0.7)
    assert told["relation"] == "shop.orders"
    assert told["rows"] == 2
    assert told["load"] == 1
    assert await watch(store, 0.7) == [], "a restart tells nothing twice"

    source_db.execute("""INSERT INTO "Back Office"."Time Sheet" VALUES ('w9', 1)""")
    await asyncio.to_thread(follow, moved)
    assert await watch(store, 0.7) == [], "another table has changed"

    watching = asyncio.create_task(watch(store, 3))
    for _ in range(3):
        source_db.execute("UPDATE shop.orders SET total = 7 WHERE id = 100")
        await asyncio.to_thread(follow, moved)
    told = await watching
    assert sum(event["rows"] for event in told) == 3
    assert [event["lsn"] for event in told] == sorted({event["lsn"] for event in told})


async def test_it_waits_for_a_sync_that_is_not_there(
    connection: Callable[..., str], source_db: Database, target_db: Database
) -> None:
    connection("shop_source", source_db.endpoint)
    connection("shop_target", target_db.endpoint)
    assert await watch(Store(), 0.5) == []


def test_it_can_be_watched() -> None:
    trigger = RelationChangedTrigger(config="../../dags/shop.yaml", relation="shop.orders")
    asset = table_asset(
        "../../dags/shop.yaml", "shop.orders", watchers=[AssetWatcher(name="orders", trigger=trigger)]
    )
    assert asset.watchers[0].trigger.serialize()[1]["config"]["sync_id"] == "shop"


async def watch(store: Store, seconds: float) -> list[Any]:
    """What a trigger tells within some seconds; then it is cancelled, as a triggerer does that ends."""
    trigger = RelationChangedTrigger(
        config=str(shop.CONFIG), relation="shop.orders", debounce=0.2, longest=1.0, poke_interval=0.05
    )
    trigger.asset_state_store = store  # type: ignore[assignment]
    told = []

    async def listen() -> None:
        async for event in trigger.run():
            told.append(event.payload)  # noqa: PERF401 - what was told is looked at when this is cancelled

    listening = asyncio.create_task(listen())
    await asyncio.sleep(seconds)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    return told
