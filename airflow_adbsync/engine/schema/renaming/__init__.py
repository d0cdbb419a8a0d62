"""The source's statements under the target's names; pure."""

from airflow_adbsync.engine.schema.renaming.analysis import Analysis, Source, analyse
from airflow_adbsync.engine.schema.renaming.columns import AllColumnRenames, column_renames, root_of
from airflow_adbsync.engine.schema.renaming.drafts import RENAMES_NOTHING, Renaming
from airflow_adbsync.engine.schema.renaming.names import Names, refuse_collisions
from airflow_adbsync.engine.schema.renaming.rewriting import Unclear, rewritten
from airflow_adbsync.engine.schema.renaming.tokens import identifiers

__all__ = [
    "RENAMES_NOTHING",
    "AllColumnRenames",
    "Analysis",
    "Names",
    "Renaming",
    "Source",
    "Unclear",
    "analyse",
    "column_renames",
    "identifiers",
    "refuse_collisions",
    "rewritten",
    "root_of",
]
