"""The verification: rows compared in the servers, and what differs brought over again."""

from airflow_adbsync.engine.verify.comparison import verify
from airflow_adbsync.engine.verify.report import (
    objects_to_csv,
    raise_on_mismatch,
    raise_on_object_mismatch,
    render,
    to_csv,
)
from airflow_adbsync.engine.verify.schema_check import verify_schema

__all__ = [
    "objects_to_csv",
    "raise_on_mismatch",
    "raise_on_object_mismatch",
    "render",
    "to_csv",
    "verify",
    "verify_schema",
]
