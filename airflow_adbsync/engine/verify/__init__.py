"""The verification: rows and checksum of each table, computed in the servers."""

from airflow_adbsync.engine.verify.comparison import verify
from airflow_adbsync.engine.verify.report import raise_on_mismatch, render

__all__ = ["raise_on_mismatch", "render", "verify"]
