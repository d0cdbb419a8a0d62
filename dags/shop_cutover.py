"""The shop moves, waits for somebody's approval, and its new home takes over; the old one is kept in step."""

from pathlib import Path

import yaml
from airflow.sdk import DAG, chain

from airflow_adbsync import cutover_task_group, sync_task_group

SHOP = yaml.safe_load(Path(__file__).with_name("shop.yaml").read_text(encoding="utf-8"))
CONFIG = {**SHOP, "cutover": {"max_lag": "30s", "reverse": True}}

with DAG("shop_cutover", catchup=False, max_active_runs=1, tags=["adbsync"]):
    chain(sync_task_group(CONFIG, group_id="sync"), cutover_task_group(CONFIG))

with DAG("shop_way_back", catchup=False, max_active_runs=1, tags=["adbsync"]):
    cutover_task_group(CONFIG, back=True, release=True)
