"""Definitions written as DDL, one kind of object a module; pure."""

from airflow_adbsync.engine.schema.ddl.comments import comment_drafts
from airflow_adbsync.engine.schema.ddl.functions import aggregate_drafts, function_drafts
from airflow_adbsync.engine.schema.ddl.indexes import index_drafts
from airflow_adbsync.engine.schema.ddl.keys import constraint_drafts
from airflow_adbsync.engine.schema.ddl.schemas import schema_drafts
from airflow_adbsync.engine.schema.ddl.sequences import sequence_drafts
from airflow_adbsync.engine.schema.ddl.tables import table_drafts
from airflow_adbsync.engine.schema.ddl.types import type_drafts
from airflow_adbsync.engine.schema.ddl.views import view_drafts

__all__ = [
    "aggregate_drafts",
    "comment_drafts",
    "constraint_drafts",
    "function_drafts",
    "index_drafts",
    "schema_drafts",
    "sequence_drafts",
    "table_drafts",
    "type_drafts",
    "view_drafts",
]
