"""From values to HTML: the templates, and what they may call."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from airflow_adbsync import __version__
from airflow_adbsync.engine.state import TableFilter, TableOrder
from airflow_adbsync.plugin import view, words
from airflow_adbsync.plugin.access import ACTION_HEADER
from airflow_adbsync.plugin.panels import WINDOWS, charts, throughput

STATIC = Path(__file__).parent / "static"
STATIC_FILES = frozenset(
    {"page.css", "page.js", "theme.js", "vendor/htmx.min.js", "vendor/idiomorph-ext.min.js"}
)


class Renderer:
    """The templates, read once."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("airflow_adbsync.plugin"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            size=words.size,
            count=words.count,
            brief=words.brief,
            duration=words.duration,
            rate=words.rate,
            clock=words.clock,
            difference=view.difference,
        )
        self._templates.globals.update(
            ago=words.ago,
            now=view.now,
            charts=charts,
            throughput=throughput,
            windows=WINDOWS,
            filters=TableFilter,
            orders=TableOrder,
            action_header=ACTION_HEADER,
            version=__version__,
        )

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Fill a template."""
        html = self._templates.get_template(template).render(
            url=lambda path: self.url(request, path),
            airflow=lambda path: _quoted(_airflow_root(request) + path),
            sync_url=lambda sync: self.url(request, f"dags/{sync.dag_id}/syncs/{sync.sync_id}"),
            status=status,
            **values,
        )
        return HTMLResponse(html, status)

    @staticmethod
    def url(request: Request, path: str) -> str:
        """An address of the page's own, from the host on."""
        return _quoted(f"{request.scope.get('root_path', '')}/{path}")


def _airflow_root(request: Request) -> str:
    """Where Airflow's own pages are: the application is mounted one level below."""
    root: str = request.scope.get("root_path", "")
    return root.rsplit("/", 1)[0] + "/"


def _quoted(path: str) -> str:
    return quote(path, safe="/?=&")
