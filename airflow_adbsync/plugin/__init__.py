"""What adbsync adds to Airflow itself: the Sync page, in the navigation and on each DAG and task.

Every Airflow process loads this module, so it imports next to nothing; the page's application is made at its
first request, which only an API server sees.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from airflow_adbsync.plugin.lazy import LazyApp

PREFIX = "/adbsync"


def _view(destination: str, name: str, path: str) -> dict[str, str]:
    # Without a leading slash an address is one below Airflow's own, wherever that is.
    href = f"{PREFIX.removeprefix('/')}/{path}"
    return {"name": name, "destination": destination, "href": href, "url_route": f"adbsync-{destination}"}


class AdbsyncPlugin(AirflowPlugin):
    """Found through the entry point ``airflow.plugins``."""

    name = "adbsync"
    fastapi_apps: list[Any] = [{"app": LazyApp(), "url_prefix": PREFIX, "name": "adbsync"}]  # noqa: RUF012 - as in Airflow's class
    external_views: list[Any] = [  # noqa: RUF012 - likewise
        {**_view("nav", "Syncs", ""), "url_route": "adbsync", "category": "browse"},
        _view("dag", "Sync", "dags/{DAG_ID}"),
        _view("task", "Sync", "dags/{DAG_ID}/tasks/{TASK_ID}"),
    ]
