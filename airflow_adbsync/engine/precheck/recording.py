"""Keeping a report on the target, where the Sync page finds it."""

from __future__ import annotations

import logging
from collections.abc import Collection

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.errors import AdbsyncError
from airflow_adbsync.engine.precheck.report import PrecheckReport
from airflow_adbsync.engine.sync import Sync

_LOG = logging.getLogger(__name__)


def record(sync: Sync, report: PrecheckReport, acknowledged: Collection[str] = (), by: str = "") -> None:
    """Put the findings in the place of the earlier ones, making the control schema if it is not there.

    ``acknowledged`` are the checks whose alerts ``by`` accepts, besides those of the configuration; both are
    kept with the findings. A report that keeps the sync from starting may be about the target itself: not
    being able to keep it is then a warning only.

    Raises:
        ConnectionFailed, RightMissing, ControlSchemaNewer: the target can't be reached or written.
    """
    who = dict.fromkeys(acknowledged, by or "unknown") | dict.fromkeys(report.acknowledged, "configuration")
    try:
        _write(sync, report, who)
    except AdbsyncError as error:
        if report.passed(acknowledged):
            raise
        _LOG.warning("The findings could not be kept on the target: %s", error)


def _write(sync: Sync, report: PrecheckReport, acknowledged: dict[str, str]) -> None:
    with typed_errors(sync.target, "recording the precheck"), connect(sync.target) as target:
        state.ensure(target)
        state.phases.ran(target, sync.sync_id, "precheck", report.seconds)
        state.findings.replace(target, sync.sync_id, report.findings, acknowledged)
