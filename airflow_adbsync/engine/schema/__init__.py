"""The schema phase: the source's definitions, written as DDL, in order, on the target."""

from airflow_adbsync.engine.schema.deactivating import deactivate
from airflow_adbsync.engine.schema.kept_findings import existing_findings
from airflow_adbsync.engine.schema.outcome import SchemaResult
from airflow_adbsync.engine.schema.phase import activate, create, finish, validate
from airflow_adbsync.engine.schema.placement_findings import placement_findings
from airflow_adbsync.engine.schema.unsupported import unsupported

__all__ = [
    "SchemaResult",
    "activate",
    "create",
    "deactivate",
    "existing_findings",
    "finish",
    "placement_findings",
    "unsupported",
    "validate",
]
