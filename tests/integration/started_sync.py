"""A sync whose control rows stand as after the start phase, without slot and publication."""

from __future__ import annotations

from airflow_adbsync.engine import state
from airflow_adbsync.engine.catalog import read_relations, read_server
from airflow_adbsync.engine.config import LoadOptions, Objects, SyncConfig
from airflow_adbsync.engine.connect import connect
from airflow_adbsync.engine.model import Endpoint
from airflow_adbsync.engine.sync import Sync


def started_sync(source: Endpoint, target: Endpoint, objects: Objects | None = None, **load: object) -> Sync:
    """Register a sync of the given objects (schema ``public`` when left out) and its tables."""
    config = SyncConfig(
        sync_id="shop",
        source="a",
        target="b",
        objects=objects or Objects(schemas=("public",)),
        load=LoadOptions(**{"retry_for": "1min", **load}),
    )
    sync = Sync(config, source, target)
    with connect(source) as there, connect(target) as here:
        relations = read_relations(there, config.objects)
        state.ensure(here)
        state.syncs.register(here, config, sync.slot_name, read_server(there))
        state.relations.enlist(here, sync.sync_id, [relation.name for relation in relations])
    return sync
