"""What adbsync adds to Airflow itself; every Airflow process loads it, so it imports next to nothing."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin


class AdbsyncPlugin(AirflowPlugin):
    """Found through the entry point ``airflow.plugins``."""

    name = "adbsync"
