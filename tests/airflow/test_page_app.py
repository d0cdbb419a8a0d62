"""The page's application: every route asks for a right, and a task's process does not pay for it."""

from __future__ import annotations

import pytest

from tests.airflow.test_imports import modules_after

READS = {"/", "/static/{name:path}"}


@pytest.fixture(scope="module")
def routes(airflow_database: None) -> dict[str, set[str]]:
    """Each route with the names of what it depends on."""
    from airflow_adbsync.plugin.app import make_app  # noqa: PLC0415 - costs seconds

    found = {}
    for route in make_app().routes:
        dependant = route.dependant  # type: ignore[attr-defined] - there are no mounts
        found[route.path] = {each.call.__qualname__.split(".")[0] for each in dependant.dependencies}  # type: ignore[attr-defined] - likewise
    return found


def test_every_route_asks_the_auth_manager(routes: dict[str, set[str]]) -> None:
    assert len(routes) == 16
    for path, asked in routes.items():
        needed = "requires_access_view" if path in READS else "requires_access_dag"
        assert needed in asked, path


def test_what_changes_something_comes_from_the_page(routes: dict[str, set[str]]) -> None:
    assert {path for path, asked in routes.items() if "_own_page" in asked} == {
        "/dags/{dag_id}/syncs/{sync_id}/acknowledge",
        "/dags/{dag_id}/syncs/{sync_id}/stop",
        "/dags/{dag_id}/syncs/{sync_id}/go_on",
        "/dags/{dag_id}/syncs/{sync_id}/pause",
        "/dags/{dag_id}/syncs/{sync_id}/resume",
        "/dags/{dag_id}/syncs/{sync_id}/throttle",
    }


def test_the_plugin_is_cheap_where_no_page_is_asked_for() -> None:
    found = modules_after("import airflow_adbsync.plugin")
    ours = {name for name in found if name.startswith("airflow_adbsync")} - {"airflow_adbsync.provider_info"}
    assert ours == {"airflow_adbsync", "airflow_adbsync.plugin", "airflow_adbsync.plugin.lazy"}
    assert not {name for name in found if name.startswith(("psycopg", "airflow.api_fastapi"))}
