"""Say stop: shop_migration then verifies the target, aligns its sequences, and releases the source.

Trigger it when nobody writes to the source any more.
"""

from airflow.sdk import DAG

from airflow_adbsync.operators.stop import StopOperator

with DAG(dag_id="shop_stop", schedule=None):
    StopOperator(task_id="stop", config="shop.yaml")
