"""Airflow's simple auth manager, with DAGs that not everybody may read."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

from tests.browser.users import KEPT_FROM_STRANGERS, STRANGER


class PerDagAuthManager(SimpleAuthManager):
    """Keeps some DAGs from one user."""

    def is_authorized_dag(self, *, user: Any, details: Any = None, **question: Any) -> bool:
        """As the simple one, except for the stranger."""
        if user.username == STRANGER and details is not None and details.id in KEPT_FROM_STRANGERS:
            return False
        return super().is_authorized_dag(user=user, details=details, **question)
