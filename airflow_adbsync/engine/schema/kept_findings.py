"""What of the target is kept as it is, said before anything is made."""

from __future__ import annotations

from airflow_adbsync.engine.catalog import empty_search_path
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.schema.drawing import draw
from airflow_adbsync.engine.schema.keeping import find_kept
from airflow_adbsync.engine.schema.planning import plan
from airflow_adbsync.engine.schema.surveying import survey


def existing_findings(source: Connection, target: Connection, config: SyncConfig) -> tuple[Finding, ...]:
    """Say which tables are kept, what of them differs from the source's, and which can't be kept.

    Raises:
        ConfigError: the selection can't be read.
    """
    there = survey(target)
    with empty_search_path(source):
        drawn = draw(source, config, there)
    kept = find_kept(target, config, drawn, there)
    if kept is None:
        return ()
    dependencies = drawn.inventory.dependencies
    made = plan(kept.drawn.definitions, dependencies, there, config.schema_options, renaming=drawn.renaming)
    return kept.findings(made)
