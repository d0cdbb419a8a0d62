"""Embedded PostgreSQL servers for the demo and the tests: any directory, any port, as root or not."""

from airflow_adbsync.local.errors import LocalServerFailed, ServerUnavailable
from airflow_adbsync.local.server import LocalServer

__all__ = ["LocalServer", "LocalServerFailed", "ServerUnavailable"]
