"""The schema phase: the source's definitions, written as DDL, in order, on the target."""

from airflow_adbsync.engine.schema.outcome import SchemaResult
from airflow_adbsync.engine.schema.phase import create, finish, validate

__all__ = ["SchemaResult", "create", "finish", "validate"]
