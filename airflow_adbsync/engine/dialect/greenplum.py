"""Greenplum and Cloudberry: what their kernel has, less what distribution takes away."""

from __future__ import annotations

from typing import Final

from airflow_adbsync.engine.dialect import postgresql
from airflow_adbsync.engine.dialect.postgresql import ALWAYS, NEVER

SINCE: Final[dict[str, int]] = postgresql.SINCE | {
    "logical_decoding": NEVER,
    "shared_snapshots": NEVER,
    "ctid_ranges": NEVER,
    "on_conflict": 120000,
    "merge": NEVER,
    "copy_freeze": NEVER,
    "copy_counts_rows": NEVER,
    "cheap_parameters": NEVER,
    "distributed": ALWAYS,
    "foreign_keys_enforced": NEVER,
    "exclusion_constraints": NEVER,
}
