"""The shop moves, waits for somebody's approval, and its new home takes over; the old one is kept in step."""

from pathlib import Path

import yaml
from airflow.sdk import DAG

from airflow_adbsync import cutover_task_group, sync_dag

SHOP = yaml.safe_load(Path(__file__).with_name("shop.yaml").read_text(encoding="utf-8"))
CONFIG = {**SHOP, "cutover": {"max_lag": "30s", "reverse": True}}

sync_dag(CONFIG, dag_id="shop_cutover", cutover=True)

with DAG("shop_way_back", catchup=False, max_active_runs=1, tags=["adbsync"]):
    cutover_task_group(CONFIG, back=True, release=True)
