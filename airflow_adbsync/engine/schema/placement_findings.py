"""Where the tables will live, said before anything is made."""

from __future__ import annotations

from airflow_adbsync.engine.catalog import empty_search_path, read_relations, read_server
from airflow_adbsync.engine.config import SyncConfig
from airflow_adbsync.engine.connect import Connection
from airflow_adbsync.engine.dialect import capabilities
from airflow_adbsync.engine.model import Finding
from airflow_adbsync.engine.schema.belonging import belonging
from airflow_adbsync.engine.schema.flattening import flattened, flattens
from airflow_adbsync.engine.schema.placement_reading import read_source_placement
from airflow_adbsync.engine.schema.placing import place
from airflow_adbsync.engine.schema.reading import read_definitions, read_inventory
from airflow_adbsync.engine.schema.surveying import survey


def placement_findings(source: Connection, target: Connection, config: SyncConfig) -> tuple[Finding, ...]:
    """Say how tables are distributed and stored, what differs for that from the source, and what can't be.

    Raises:
        ConfigError: the selection can't be read.
    """
    tables = frozenset(relation.name for relation in read_relations(source, config.objects))
    there = survey(target)
    with empty_search_path(source):
        inventory = read_inventory(source)
        flat = flattens(config.schema_options, there.can)
        chosen = belonging(inventory, tables, config.objects.schemas, there, flat=flat)
        definitions = read_definitions(source, inventory, chosen.members)
        definitions = flattened(definitions) if flat else definitions
        oids = [table.oid for table in definitions.tables]
        here = read_source_placement(source, capabilities(read_server(source)), oids)
    options = (config.distribution, config.storage)
    return place(definitions.tables, here, options, there.can, there.engines).findings
