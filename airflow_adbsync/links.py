"""From a task to the Sync page, and to the state of its slot there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from airflow.sdk import BaseOperatorLink
from airflow.sdk.configuration import conf

if TYPE_CHECKING:
    from airflow.sdk import Context


class SyncLink(BaseOperatorLink):
    """The page of the task's sync."""

    name = "Sync"
    anchor = ""

    @property
    def xcom_key(self) -> str:
        """Where the address is kept; it is there as soon as the task waits, not only when it has ended."""
        return f"adbsync_{self.anchor or 'sync'}_link"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002 - Airflow's signature
        """The page's address below Airflow's own."""
        return self.address(ti_key.dag_id, ti_key.task_id)

    def address(self, dag_id: str, task_id: str) -> str:
        """The page's address below Airflow's own; the page finds the task's sync."""
        base = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
        anchor = f"#{self.anchor}" if self.anchor else ""
        return f"{base}/adbsync/dags/{quote(dag_id, safe='')}/tasks/{quote(task_id, safe='')}{anchor}"


class SlotLink(SyncLink):
    """What the source says of the task's slot."""

    name = "Slot"
    anchor = "slot"


LINKS = (SyncLink(), SlotLink())


def push_links(context: Context) -> None:
    """Make the links usable while a task is deferred; Airflow itself does so when it has ended."""
    ti = context["ti"]
    for link in LINKS:
        ti.xcom_push(key=link.xcom_key, value=link.address(ti.dag_id, ti.task_id))
