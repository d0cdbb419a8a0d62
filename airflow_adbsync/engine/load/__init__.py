"""The full load: every table copied under a snapshot of its own, COPY to COPY."""

from airflow_adbsync.engine.load.bins import Bin, LoadPlan
from airflow_adbsync.engine.load.loader import LoadResult, load_bin
from airflow_adbsync.engine.load.planning import plan
from airflow_adbsync.engine.load.table import LoadedTable

__all__ = ["Bin", "LoadPlan", "LoadResult", "LoadedTable", "load_bin", "plan"]
