"""Airflow, as processes of ours."""

from airflow_adbsync.local.demo.stack.airflow_stack import AirflowStack
from airflow_adbsync.local.demo.stack.config import USER, AirflowSettings
from airflow_adbsync.local.demo.stack.processes import adopt_orphans
from airflow_adbsync.local.demo.stack.rest import AirflowRest, TaskInstance

__all__ = ["USER", "AirflowRest", "AirflowSettings", "AirflowStack", "TaskInstance", "adopt_orphans"]
