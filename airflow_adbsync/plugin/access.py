"""Who may see and do what: every route asks Airflow's auth manager."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag, requires_access_view
from airflow.models.dag import DagModel
from fastapi import Depends, HTTPException, Request, status

# A form of another site can't send it without asking first, and Airflow does not let other sites ask.
ACTION_HEADER = "X-Adbsync-Action"

User = Annotated[BaseUser, Depends(get_user)]
# The pages as such, for those who may see plugins; which syncs they show depends on the DAGs.
may_enter = Depends(requires_access_view(AccessView.PLUGINS))
may_read_dag = Depends(requires_access_dag("GET"))
may_run_dag = Depends(requires_access_dag("POST", DagAccessEntity.RUN))
may_edit_dag = Depends(requires_access_dag("PUT"))


def _own_page(request: Request) -> None:
    """Refuse what another site made the browser send."""
    from_elsewhere = request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
    if from_elsewhere or ACTION_HEADER not in request.headers:
        raise HTTPException(
            status.HTTP_403_FORBIDDEN,
            f"An action comes from the page itself, with the header {ACTION_HEADER}.",
        )


from_own_page = Depends(_own_page)


async def readable_dags(user: BaseUser) -> set[str]:
    """The DAGs that the user may read."""
    return await asyncio.to_thread(get_auth_manager().get_authorized_dag_ids, user=user, method="GET")


async def may_edit(user: BaseUser, dag_id: str) -> bool:
    """Whether to offer actions; the routes of the actions ask again."""
    return await asyncio.to_thread(_is_editor, user, dag_id)


def _is_editor(user: BaseUser, dag_id: str) -> bool:
    details = DagDetails(id=dag_id, team_name=DagModel.get_team_name(dag_id))
    manager: Any = get_auth_manager()
    return bool(manager.is_authorized_dag(method="PUT", details=details, user=user))


def name_of(user: BaseUser) -> str:
    """The user's name, for the records."""
    return str(user.get_name())
