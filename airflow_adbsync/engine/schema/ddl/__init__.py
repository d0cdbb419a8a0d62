"""Definitions written as DDL, one kind of object a module; pure."""

from airflow_adbsync.engine.schema.ddl.comments import comment_drafts
from airflow_adbsync.engine.schema.ddl.firing import firing_drafts
from airflow_adbsync.engine.schema.ddl.functions import aggregate_drafts, function_drafts
from airflow_adbsync.engine.schema.ddl.grants import grant_drafts
from airflow_adbsync.engine.schema.ddl.indexes import index_drafts
from airflow_adbsync.engine.schema.ddl.keys import constraint_drafts
from airflow_adbsync.engine.schema.ddl.row_security import row_security_drafts
from airflow_adbsync.engine.schema.ddl.schemas import schema_drafts
from airflow_adbsync.engine.schema.ddl.sequences import sequence_drafts
from airflow_adbsync.engine.schema.ddl.settings import setting_drafts, view_default_drafts
from airflow_adbsync.engine.schema.ddl.tables import table_drafts
from airflow_adbsync.engine.schema.ddl.types import type_drafts
from airflow_adbsync.engine.schema.ddl.views import view_drafts
from airflow_adbsync.engine.schema.ddl.written import written_drafts

__all__ = [
    "aggregate_drafts",
    "comment_drafts",
    "constraint_drafts",
    "firing_drafts",
    "function_drafts",
    "grant_drafts",
    "index_drafts",
    "row_security_drafts",
    "schema_drafts",
    "sequence_drafts",
    "setting_drafts",
    "table_drafts",
    "type_drafts",
    "view_default_drafts",
    "view_drafts",
    "written_drafts",
]
