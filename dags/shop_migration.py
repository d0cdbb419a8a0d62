"""Move a live shop database, and keep it in step until somebody says stop.

What to move is in shop.yaml; its connections ``shop_source`` and ``shop_target`` name the two databases.
"""

from airflow_adbsync import sync_dag

dag = sync_dag("shop.yaml", dag_id="shop_migration", until="stopped", release=True)
