"""Looking at a sync from outside its applier, without blocking an event loop.

Whoever watches the same database within one event loop shares one connection, and equal questions that are
asked at about the same time are asked once.
"""

from airflow_adbsync.engine.watch.hold import SlotHold, read_hold
from airflow_adbsync.engine.watch.relations import RelationPosition, RelationWatch, read_relations
from airflow_adbsync.engine.watch.session import WatchSession
from airflow_adbsync.engine.watch.sides import Watch
from airflow_adbsync.engine.watch.slot import SlotBounds, SlotWatch, danger
from airflow_adbsync.engine.watch.source_position import SourcePosition

__all__ = [
    "RelationPosition",
    "RelationWatch",
    "SlotBounds",
    "SlotHold",
    "SlotWatch",
    "SourcePosition",
    "Watch",
    "WatchSession",
    "danger",
    "read_hold",
    "read_relations",
]
