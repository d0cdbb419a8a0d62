"""One DAG for each YAML file in syncs/: adbsync_billing, adbsync_stock, and whatever is put there next."""

from datetime import timedelta

from airflow_adbsync import adbsync_dags

dags = adbsync_dags("syncs/", until="caught_up", timeout=timedelta(hours=6), tags=["adbsync", "syncs"])
