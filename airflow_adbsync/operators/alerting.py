"""Telling of a task that failed for good, and of the one that succeeds after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow_adbsync.engine.errors import AdbsyncError, VerificationMismatch
from airflow_adbsync.notifiers import Document, deliver

if TYPE_CHECKING:
    from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)


@contextmanager
def alerting(sync: Sync, notifiers: Sequence[Document], ti: Any) -> Iterator[None]:
    """Tell through the notifiers when what is done here fails and Airflow does not try it again.

    A difference that verification found is an alert of its own kind. Success ends both alerts of the task.
    """
    failure = f"failure {ti.task_id}"
    try:
        yield
    except AdbsyncError as error:
        if notifiers and not (error.retryable and ti.try_number <= ti.max_tries):
            kind = "verification" if isinstance(error, VerificationMismatch) else failure
            _settle(sync, notifiers, {kind: str(error)})
        raise
    if notifiers:
        well: dict[str, str | None] = {failure: None}
        _settle(sync, notifiers, {**well, "verification": None} if ti.task_id.endswith("verify") else well)


def _settle(sync: Sync, notifiers: Sequence[Document], said: dict[str, str | None]) -> None:
    from airflow_adbsync.engine import alerts

    try:
        notices = alerts.settle(sync, said)
    except AdbsyncError as error:
        # Where the target is away, or knows no sync yet, nobody can tell what was told: better once more.
        _LOG.warning("Alerts could not be noted: %s", error)
        notices = tuple(
            alerts.Notice(sync.sync_id, kind, text, recovered=False) for kind, text in said.items() if text
        )
    for notice in notices:
        asyncio.run(deliver(notifiers, notice.to_json()))
