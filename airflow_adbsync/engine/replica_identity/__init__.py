"""The replica identity of the source's tables: set so that every change names its row, and put back later."""

from airflow_adbsync.engine.replica_identity.planning import plan
from airflow_adbsync.engine.replica_identity.preparing import prepare
from airflow_adbsync.engine.replica_identity.reading import read
from airflow_adbsync.engine.replica_identity.restoring import restore
from airflow_adbsync.engine.replica_identity.table_identity import TableIdentity

__all__ = ["TableIdentity", "plan", "prepare", "read", "restore"]
