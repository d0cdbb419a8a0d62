"""Keeping a report on the target, where the Sync page finds it."""

from __future__ import annotations

from airflow_adbsync.engine import state
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.precheck.report import PrecheckReport
from airflow_adbsync.engine.sync import Sync


def record(sync: Sync, report: PrecheckReport) -> None:
    """Put the findings in the place of the earlier ones, making the control schema if it is not there.

    Raises:
        ConnectionFailed, RightMissing, ControlSchemaNewer: the target can't be reached or written; the
            report says so too.
    """
    with typed_errors(sync.target, "recording the precheck"), connect(sync.target) as target:
        state.ensure(target)
        state.phases.ran(target, sync.sync_id, "precheck", report.seconds)
        state.findings.replace(target, sync.sync_id, report.findings)
