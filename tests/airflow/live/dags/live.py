"""A sync that goes on, a DAG that a changed table starts, and a crowd of sensors."""

from typing import Any

from airflow.sdk import DAG, AssetWatcher, task

from airflow_adbsync import sync_dag, table_asset
from airflow_adbsync.hooks.adbsync import AdbsyncHook
from airflow_adbsync.sensors.slot_lag import SlotLagSensor
from airflow_adbsync.triggers.relation_changed import RelationChangedTrigger

CONFIG = "shop.yaml"
dag = sync_dag(CONFIG, dag_id="live", until="stopped")


def note(statement: str, *values: Any) -> None:
    with AdbsyncHook("shop_target").get_conn() as target:
        target.execute(statement, values)


trigger = RelationChangedTrigger(
    config=CONFIG, relation="shop.orders", debounce=2, longest=300, poke_interval=0.5
)
orders = table_asset(CONFIG, "shop.orders", watchers=[AssetWatcher(name="orders", trigger=trigger)])

with DAG("watching", schedule=[orders], is_paused_upon_creation=False):

    @task
    def hear(triggering_asset_events: Any = None) -> None:
        for events in triggering_asset_events.values():
            for event in events:
                if "from_trigger" in event.extra:
                    payload = event.extra["payload"]
                    note("INSERT INTO public.heard VALUES (%s, %s::pg_lsn)", payload["rows"], payload["lsn"])

    hear()

# The pool has no place: the test defers them itself, as a worker would, 200 of which would take minutes.
with DAG("crowd", schedule=None):
    SlotLagSensor.partial(task_id="wait", config=CONFIG, pool="nobody").expand(max_bytes=list(range(200)))
