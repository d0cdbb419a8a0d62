"""What differs between the members of the family: capabilities as data, and differences of DDL."""

from airflow_adbsync.engine.dialect.capabilities import Capabilities, capabilities
from airflow_adbsync.engine.dialect.distribution import distribution_clause
from airflow_adbsync.engine.dialect.placement import placement_clauses

__all__ = ["Capabilities", "capabilities", "distribution_clause", "placement_clauses"]
