"""PostgreSQL: since which ``server_version_num`` it has each capability (release notes of each version)."""

from __future__ import annotations

from typing import Final

ALWAYS: Final = 0
NEVER: Final = 10**9

SINCE: Final[dict[str, int]] = {
    "logical_decoding": 100000,
    "publish_via_root": 130000,
    "logical_messages": 140000,
    "binary_tuples": 140000,
    "streaming": 140000,
    "row_filters": 150000,
    "origin_filter": 160000,
    "failover_slots": 170000,
    "published_generated_columns": 180000,
    "slot_wal_status": 130000,
    "slot_invalidation_reason": 170000,
    "current_snapshot_function": 130000,
    "shared_snapshots": ALWAYS,
    "ctid_ranges": 140000,
    "on_conflict": 90500,
    "merge": 150000,
    "copy_freeze": 90300,
    "copy_counts_rows": ALWAYS,
    "cheap_parameters": ALWAYS,
    "distributed": NEVER,
    "foreign_keys_enforced": ALWAYS,
    "exclusion_constraints": ALWAYS,
    "partitioned_tables": 110000,
    "generated_columns": 120000,
    "virtual_generated_columns": 180000,
    "multiranges": 140000,
    "nulls_not_distinct": 150000,
    "sql_function_bodies": 140000,
    "column_compression": 140000,
    "not_null_constraints": 180000,
    "unenforced_constraints": 180000,
    "temporal_keys": 180000,
}
