"""The Sync page's application: routes, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from airflow.api_fastapi.app import get_auth_manager
from fastapi import FastAPI, Form, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field, StringConstraints
from starlette.exceptions import HTTPException as AnyHTTPException

from airflow_adbsync.engine.state import TableFilter, TableOrder, TableQuestion
from airflow_adbsync.engine.throttle import Limits
from airflow_adbsync.plugin import access, actions, view
from airflow_adbsync.plugin.panels import WINDOWS
from airflow_adbsync.plugin.reading import Readings
from airflow_adbsync.plugin.references import SyncReference, listing
from airflow_adbsync.plugin.registry import Registry
from airflow_adbsync.plugin.rendering import STATIC, STATIC_FILES, Renderer
from airflow_adbsync.plugin.view import SyncView

_SYNC = "/dags/{dag_id}/syncs/{sync_id}"
_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

CheckName = Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,60}$")]
Window = Annotated[str, Query(pattern=f"^({'|'.join(WINDOWS)})$")]


_NUMBER = r"^\s*([0-9]{1,12}(\.[0-9]{1,6})?)?\s*$"


class TableQuery(BaseModel):
    """Which tables to show, as the page asks."""

    text: str = Field("", max_length=200)
    which: TableFilter = TableFilter.ALL
    order: TableOrder = TableOrder.NAME
    page: int = Field(1, ge=1, le=1_000_000)


class SyncPages:
    """The routes' answers; one of these serves an API server's process."""

    def __init__(self) -> None:
        self._registry = Registry()
        self._readings = Readings()
        self._renderer = Renderer()

    async def index(self, request: Request, user: access.User) -> HTMLResponse:
        """All syncs that the viewer may see."""
        syncs = await self._of_dags(await access.readable_dags(user))
        return self._renderer.page(request, "index.html", syncs=listing(syncs), dag_id=None)

    async def dag(self, request: Request, user: access.User, dag_id: str) -> Response:
        """The syncs of a DAG, and those that it waits for; the only one at once."""
        syncs = [*await self._of_dags({dag_id}), *await self._waited_for(user, dag_id)]
        if len(syncs) == 1:
            return self._to(request, syncs[0])
        return self._renderer.page(request, "index.html", syncs=listing(syncs), dag_id=dag_id)

    async def task(self, request: Request, user: access.User, dag_id: str, task_id: str) -> Response:
        """The sync of a task, or the one that it waits for."""
        for sync in await self._of_dags({dag_id}):
            if any(task.task_id == task_id for task in sync.tasks):
                return self._to(request, sync)
        for sync in await self._waited_for(user, dag_id, task_id):
            return self._to(request, sync)
        return self._renderer.page(request, "index.html", syncs=[], dag_id=dag_id, task_id=task_id)

    async def _waited_for(
        self, user: access.User, dag_id: str, task_id: str | None = None
    ) -> list[SyncReference]:
        """What a DAG's sensors wait for, under the DAGs that do it, as far as the viewer may read those."""
        waited = await asyncio.to_thread(self._registry.waited_for, dag_id)
        keys = {
            sync.key for sync in waited if task_id is None or task_id in {task.task_id for task in sync.tasks}
        }
        if not keys:
            return []
        syncs = await self._of_dags(await access.readable_dags(user))
        return [each.sync for each in listing(syncs) if each.sync.key in keys]

    def _to(self, request: Request, sync: SyncReference) -> RedirectResponse:
        return RedirectResponse(self._renderer.url(request, f"dags/{sync.dag_id}/syncs/{sync.sync_id}"))

    async def sync(
        self,
        request: Request,
        user: access.User,
        dag_id: str,
        sync_id: str,
        window: Window = "15m",
    ) -> HTMLResponse:
        """One sync, all of it."""
        sync = await self._find(dag_id, sync_id)
        seen, tables, editor = await asyncio.gather(
            self._look(sync, window),
            self._readings.tables(sync, TableQuestion()),
            access.may_edit(user, dag_id),
        )
        return self._renderer.page(
            request,
            "sync.html",
            view=seen,
            window=window,
            editor=editor,
            tables=tables,
            question=TableQuestion(),
        )

    async def live(
        self,
        request: Request,
        user: access.User,
        dag_id: str,
        sync_id: str,
        part: Literal["top", "bottom"],
        *,
        window: Window = "15m",
    ) -> HTMLResponse:
        """What moves on the page, above or below the tables."""
        seen = await self._look(await self._find(dag_id, sync_id), window)
        editor = await access.may_edit(user, dag_id)
        return self._renderer.page(request, f"sync_{part}.html", view=seen, window=window, editor=editor)

    async def tables(
        self, request: Request, dag_id: str, sync_id: str, asked: Annotated[TableQuery, Query()]
    ) -> HTMLResponse:
        """One page of tables."""
        sync = await self._find(dag_id, sync_id)
        question = TableQuestion(asked.text.strip(), asked.which, asked.order, asked.page)
        found = await self._readings.tables(sync, question)
        return self._renderer.page(request, "tables.html", sync=sync, tables=found, question=question)

    async def row(self, request: Request, dag_id: str, sync_id: str) -> HTMLResponse:
        """A sync's line in the list."""
        seen = await self._look(await self._find(dag_id, sync_id), "15m")
        return self._renderer.page(request, "row.html", view=seen)

    async def stop(
        self, request: Request, user: access.User, dag_id: str, sync_id: str, at: Annotated[str, Form()] = ""
    ) -> HTMLResponse:
        """Ask the applier to stop at a point."""
        notice = await actions.stop(await self._find(dag_id, sync_id), access.name_of(user), at)
        return self._renderer.page(request, "notice.html", notice=notice)

    async def go_on(self, request: Request, user: access.User, dag_id: str, sync_id: str) -> HTMLResponse:
        """Withdraw the request to stop."""
        notice = await actions.go_on(await self._find(dag_id, sync_id), access.name_of(user))
        return self._renderer.page(request, "notice.html", notice=notice)

    async def pause(self, request: Request, user: access.User, dag_id: str, sync_id: str) -> HTMLResponse:
        """Let load and replication carry nothing."""
        notice = await actions.pause(await self._find(dag_id, sync_id), access.name_of(user))
        return self._renderer.page(request, "notice.html", notice=notice)

    async def resume(self, request: Request, user: access.User, dag_id: str, sync_id: str) -> HTMLResponse:
        """Let them go on."""
        notice = await actions.resume(await self._find(dag_id, sync_id), access.name_of(user))
        return self._renderer.page(request, "notice.html", notice=notice)

    async def throttle(
        self,
        request: Request,
        user: access.User,
        dag_id: str,
        sync_id: str,
        *,
        phase: Annotated[Literal["load", "incremental"], Form()],
        rows: Annotated[str, Form(pattern=_NUMBER)] = "",
        megabytes: Annotated[str, Form(pattern=_NUMBER)] = "",
    ) -> HTMLResponse:
        """Hold a phase to so much a second; nothing lifts the limit."""
        limits = Limits(rows=_positive(rows), bytes=_positive(megabytes, 1e6))
        sync = await self._find(dag_id, sync_id)
        notice = await actions.throttle(sync, access.name_of(user), phase, limits)
        return self._renderer.page(request, "notice.html", notice=notice)

    async def verification(self, dag_id: str, sync_id: str) -> Response:
        """The latest comparison of every table, as CSV."""
        from airflow_adbsync.engine.verify import to_csv  # noqa: PLC0415 - the other routes do without it

        found = await self._readings.verifications(await self._find(dag_id, sync_id))
        if found.value is None:
            raise HTTPException(503, str(found.error))
        name = f"attachment; filename=adbsync_{sync_id}_verification.csv"
        return Response(to_csv(found.value), media_type="text/csv", headers={"Content-Disposition": name})

    async def alerts(self, request: Request, dag_id: str, sync_id: str) -> HTMLResponse:
        """The alerts to accept, to choose from."""
        seen = await self._look(await self._find(dag_id, sync_id), "15m")
        return self._renderer.page(request, "alerts.html", view=seen)

    async def acknowledge(
        self,
        request: Request,
        user: access.User,
        dag_id: str,
        sync_id: str,
        check: Annotated[tuple[CheckName, ...], Form()] = (),
    ) -> HTMLResponse:
        """Accept alerts of the precheck."""
        sync = await self._find(dag_id, sync_id)
        if not sync.acknowledges:
            raise HTTPException(409, "The DAG has no parameter `acknowledge`: use the configuration.")
        notice = await actions.acknowledge(sync, access.name_of(user), check)
        return self._renderer.page(request, "notice.html", notice=notice)

    @staticmethod
    async def static(name: str) -> FileResponse:
        """A style sheet or a script."""
        if name not in STATIC_FILES:
            raise HTTPException(404)
        return FileResponse(STATIC / name, headers={"Cache-Control": "private, max-age=3600"})

    async def _of_dags(self, dag_ids: set[str]) -> list[SyncReference]:
        return await asyncio.to_thread(self._registry.of_dags, dag_ids)

    async def _find(self, dag_id: str, sync_id: str) -> SyncReference:
        for sync in await self._of_dags({dag_id}):
            if sync.sync_id == sync_id:
                return sync
        raise HTTPException(404, f"DAG {dag_id} has no sync {sync_id}.")

    async def _look(self, sync: SyncReference, window: str) -> SyncView:
        """Ask both servers side by side."""
        span = WINDOWS[window]
        known, held = await asyncio.gather(
            self._readings.state(sync, span), self._readings.hold(sync, f"adbsync_{sync.sync_id}")
        )
        overview, lag = known.value or (None, ())
        return SyncView(sync, view.now(), span, overview, lag, held.value, known.error, held.error)

    async def refused(self, request: Request, error: Exception) -> Response:
        """Say in words why there is no page."""
        assert isinstance(error, AnyHTTPException)  # noqa: S101 - registered for nothing else
        login = (
            get_auth_manager().get_url_login(next_url=str(request.url)) if error.status_code == 401 else ""
        )
        return self._renderer.page(
            request, "refused.html", status=error.status_code, error=error, login=login
        )


def _positive(text: str, unit: float = 1) -> float | None:
    """The number; None for nothing and for zero, which both say: without a limit."""
    return float(text) * unit or None if text.strip() else None


def make_app() -> FastAPI:
    """The application, with access asked for on every route."""
    pages = SyncPages()
    app = FastAPI(
        title="adbsync", docs_url=None, redoc_url=None, openapi_url=None, default_response_class=HTMLResponse
    )
    enter, read = [access.may_enter], [access.may_read_dag]
    edit = [access.may_edit_dag, access.from_own_page]
    app.get("/", dependencies=enter)(pages.index)
    app.get("/static/{name:path}", dependencies=enter)(pages.static)
    app.get("/dags/{dag_id}", dependencies=read)(pages.dag)
    app.get("/dags/{dag_id}/tasks/{task_id}", dependencies=read)(pages.task)
    app.get(_SYNC, dependencies=read)(pages.sync)
    app.get(f"{_SYNC}/live/{{part}}", dependencies=read)(pages.live)
    app.get(f"{_SYNC}/tables", dependencies=read)(pages.tables)
    app.get(f"{_SYNC}/row", dependencies=read)(pages.row)
    app.get(f"{_SYNC}/verification.csv", dependencies=read)(pages.verification)
    app.get(f"{_SYNC}/alerts", dependencies=read)(pages.alerts)
    app.post(f"{_SYNC}/acknowledge", dependencies=[*edit, access.may_run_dag])(pages.acknowledge)
    app.post(f"{_SYNC}/stop", dependencies=edit)(pages.stop)
    app.post(f"{_SYNC}/go_on", dependencies=edit)(pages.go_on)
    app.post(f"{_SYNC}/pause", dependencies=edit)(pages.pause)
    app.post(f"{_SYNC}/resume", dependencies=edit)(pages.resume)
    app.post(f"{_SYNC}/throttle", dependencies=edit)(pages.throttle)
    app.exception_handler(AnyHTTPException)(pages.refused)

    @app.middleware("http")
    async def secure(request: Request, call_next):  # type: ignore[no-untyped-def]
        response = await call_next(request)
        for name, value in _SECURITY.items():
            response.headers.setdefault(name, value)
        return response

    return app
