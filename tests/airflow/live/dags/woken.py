"""A load by two workers at once, and replication in a worker that is woken when there are changes."""

from airflow.sdk import DAG

from airflow_adbsync.operators.full_load import FullLoadOperator
from airflow_adbsync.operators.incremental import IncrementalOperator

CONFIG = "woken.yaml"
BINS = [
    {"number": 0, "tables": [["stock", "items"]], "bytes": 1},
    {"number": 1, "tables": [["stock", "prices"]], "bytes": 1},
]

with DAG("woken", schedule=None):
    load = FullLoadOperator.partial(task_id="load", config=CONFIG).expand(bin=BINS)
    load >> IncrementalOperator(task_id="incremental", config=CONFIG, until="stopped", retries=0)
