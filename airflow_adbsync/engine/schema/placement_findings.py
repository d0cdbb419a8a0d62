"""Where the tables will live, said before anything is made."""

from __future__ import annotations

from airflow_adbsync.engine.catalog import empty_search_path
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.schema.drawing import draw
from airflow_adbsync.engine.schema.surveying import survey


def placement_findings(source: Connection, target: Connection, config: SyncConfig) -> tuple[Finding, ...]:
    """Say how tables are distributed and stored, what differs for that from the source, and what can't be.

    Raises:
        ConfigError: the selection can't be read.
    """
    there = survey(target)
    with empty_search_path(source):
        return draw(source, config, there).placements.findings
