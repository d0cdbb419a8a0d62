"""How a trigger ended, as its event says it and as the resumed task reads it.

The event carries everything: what a task kept elsewhere while it was deferred may be gone.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk.exceptions import TaskDeferralTimeout
from airflow.triggers.base import TriggerEvent

from airflow_adbsync.engine.errors import AdbsyncError


def success(result: dict[str, Any]) -> TriggerEvent:
    """It came to what it waited for."""
    return _event(status="success", result=result)


def failure(error: AdbsyncError) -> TriggerEvent:
    """It ended with a typed error."""
    return _event(status="error", error=error.to_json())


def timeout(message: str) -> TriggerEvent:
    """Its deadline passed."""
    return _event(status="timeout", message=message)


def result_of(event: dict[str, Any]) -> dict[str, Any]:
    """Return what a successful event carries.

    Raises:
        AdbsyncError: the trigger ended with this.
        TaskDeferralTimeout: its deadline passed.
    """
    match event:
        case {"status": "success", "result": dict(result)}:
            return result
        case {"status": "timeout", "message": message}:
            raise TaskDeferralTimeout(message)
        case {"status": "error", "error": dict(error)}:
            raise AdbsyncError.from_json(error)
    raise ValueError(f"not an event of an adbsync trigger: {event!r}")


def _event(**payload: Any) -> TriggerEvent:
    return TriggerEvent(payload)  # type: ignore[no-untyped-call]
