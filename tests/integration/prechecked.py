"""What the tests of the precheck share: a sync, and ways to read its report."""

from __future__ import annotations

from typing import Any

from airflow_adbsync.engine.config import Objects, PrecheckOptions, SyncConfig
from airflow_adbsync.engine.model import Endpoint, Finding, Status
from airflow_adbsync.engine.precheck import CHECKS, PrecheckReport
from airflow_adbsync.engine.precheck.context import Context
from airflow_adbsync.engine.precheck.running import run_all
from airflow_adbsync.engine.sync import Sync

TABLES = """
    CREATE TABLE customers (id int PRIMARY KEY, name text);
    CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers);
    CREATE TABLE keyless (x int);
    CREATE TABLE log (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
"""
ACCEPTED = ("replica_identity", "partitions")  # what these tables are alerts for


def a_sync(source: Endpoint, target: Endpoint, **config: Any) -> Sync:
    plain = {
        "sync_id": "shop",
        "source": "a",
        "target": "b",
        "objects": Objects(schemas=("public",)),
        "precheck": PrecheckOptions(acknowledge=ACCEPTED),
    }
    return Sync(SyncConfig(**{**plain, **config}), source, target)


def of(report: PrecheckReport, check: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.check == check]


def alone(sync: Sync, name: str) -> list[Finding]:
    """What one check finds, without the others."""
    (check,) = [check for check in CHECKS if check.name == name]
    with Context(sync) as context:
        return run_all([check], context, threads=1)


def wrong(report: PrecheckReport) -> dict[str, Status]:
    return {finding.check: finding.status for finding in report.outstanding()}
