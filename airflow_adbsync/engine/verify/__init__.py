"""The verification: rows compared in the servers, and what differs brought over again."""

from airflow_adbsync.engine.verify.comparison import verify
from airflow_adbsync.engine.verify.report import raise_on_mismatch, render, to_csv

__all__ = ["raise_on_mismatch", "render", "to_csv", "verify"]
