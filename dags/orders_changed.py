"""Run soon after shop.orders has changed on the target, while the sync goes on in another DAG.

Changes of half a minute are gathered into one run; what they were stands in the event that started it.
"""

from airflow.sdk import DAG, AssetWatcher, task

from airflow_adbsync import table_asset
from airflow_adbsync.triggers.relation_changed import RelationChangedTrigger

changed = RelationChangedTrigger(config="shop.yaml", relation="shop.orders", debounce=30, longest=300)
orders = table_asset("shop.yaml", "shop.orders", watchers=[AssetWatcher(name="orders", trigger=changed)])

with DAG(dag_id="orders_changed", schedule=[orders]):

    @task
    def tell(triggering_asset_events=None) -> list:
        return [event.extra for events in triggering_asset_events.values() for event in events]

    tell()
