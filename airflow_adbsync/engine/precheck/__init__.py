"""What must be so before a sync can start: every check looks, none changes anything."""

from airflow_adbsync.engine.precheck.recording import record
from airflow_adbsync.engine.precheck.registry import CHECKS
from airflow_adbsync.engine.precheck.rendering import render
from airflow_adbsync.engine.precheck.report import PrecheckReport
from airflow_adbsync.engine.precheck.running import check

__all__ = ["CHECKS", "PrecheckReport", "check", "record", "render"]
