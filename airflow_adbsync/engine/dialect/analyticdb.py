"""AnalyticDB for PostgreSQL: a Greenplum that has a change stream of its own."""

from __future__ import annotations

from typing import Final

from airflow_adbsync.engine.dialect import greenplum

SINCE: Final[dict[str, int]] = greenplum.SINCE | {
    "logical_decoding": 120000,
}
