"""Compare the target with its source each night, while the sync goes on; a difference fails the task.

The slot's health is looked at first: it says early what will soon be a failure.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import DAG

from airflow_adbsync.operators.verify import VerifyOperator
from airflow_adbsync.sensors.slot_health import SlotHealthSensor

with DAG(
    dag_id="nightly_verification",
    schedule="0 2 * * *",
    start_date=pendulum.datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
):
    slot = SlotHealthSensor(task_id="slot", config="shop.yaml", timeout=timedelta(minutes=10).total_seconds())
    verify = VerifyOperator(task_id="verify", config="shop.yaml", settle=timedelta(minutes=1))

    slot >> verify
