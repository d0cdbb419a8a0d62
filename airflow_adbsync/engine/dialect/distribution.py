"""Where rows live on a server that spreads them over segments, as DDL says it."""

from __future__ import annotations

from airflow_adbsync.engine.model import Distribution, DistributionPolicy, quote_identifier


def distribution_clause(distribution: Distribution | None) -> str:
    """DISTRIBUTED ..., or nothing (Greenplum doc: CREATE TABLE).

    Written out even where the server would choose: its choice differs from version to version.
    """
    if distribution is None:
        return ""
    if distribution.policy is DistributionPolicy.BY:
        return f"DISTRIBUTED BY ({', '.join(map(quote_identifier, distribution.columns))})"
    return f"DISTRIBUTED {distribution.policy.name}"
