"""Planning the load from the source's statistics; no table is read for it."""

from __future__ import annotations

from airflow_adbsync.engine import pacing, state
from airflow_adbsync.engine.catalog import read_relations_named
from airflow_adbsync.engine.connect import connect, typed_errors
from airflow_adbsync.engine.load.bins import LoadPlan, pack
from airflow_adbsync.engine.sync import Sync
from airflow_adbsync.engine.throttle import Limits


def plan(sync: Sync) -> LoadPlan:
    """Pack the tables with which the sync was started into at most ``load.max_tasks`` bins.

    The configuration's throttle holds from now on.

    Raises:
        SyncUnknown: the sync was not started.
        ConfigError: one of its tables is not on the source any more.
    """
    with connect(sync.target) as target, typed_errors(sync.target, "planning the load"):
        state.syncs.get(target, sync.sync_id)
        names = state.relations.read(target, sync.sync_id)
    throttle = sync.config.load.throttle
    pacing.set_limits(sync, "load", Limits(throttle.queries, throttle.rows, throttle.bytes))
    with connect(sync.source) as source, typed_errors(sync.source, "planning the load"):
        relations = read_relations_named(source, names)
    return pack(relations, sync.config.load.max_tasks)
