"""What a server's catalog says of itself and of its tables, read into the model."""

from airflow_adbsync.engine.catalog.queries import query
from airflow_adbsync.engine.catalog.relations import portable_types, read_relations, read_relations_named
from airflow_adbsync.engine.catalog.server import read_server
from airflow_adbsync.engine.catalog.session import empty_search_path
from airflow_adbsync.engine.catalog.triggers import may_drop_rows

__all__ = [
    "empty_search_path",
    "may_drop_rows",
    "portable_types",
    "query",
    "read_relations",
    "read_relations_named",
    "read_server",
]
