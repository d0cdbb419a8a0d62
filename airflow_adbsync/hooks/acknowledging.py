"""Which alerts of the precheck a run accepts, and on whose behalf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk import Context


def acknowledged_checks(value: Sequence[str] | str | None) -> tuple[str, ...]:
    """The names in a list, or in a text with commas, which is what a template gives."""
    names = value.split(",") if isinstance(value, str) else value or ()
    return tuple(name.strip() for name in names if name.strip())


def acknowledger(context: Context) -> str:
    """Who triggered the run: ``acknowledged_by`` of its configuration, else the user that Airflow knows."""
    dag_run = context.get("dag_run")
    if dag_run is None:
        return "unknown"
    named = (dag_run.conf or {}).get("acknowledged_by")
    user = getattr(dag_run, "triggering_user_name", None)
    return str(named or user or f"run {dag_run.run_id}")
