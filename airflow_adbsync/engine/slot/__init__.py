"""The logical replication slot on the source: found, judged, made, dropped."""

from airflow_adbsync.engine.slot.health import require_same_source, require_usable
from airflow_adbsync.engine.slot.identity import identify, read_source
from airflow_adbsync.engine.slot.making import create, drop
from airflow_adbsync.engine.slot.noun import PLUGIN, Slot, find
from airflow_adbsync.engine.slot.promotion import accept_source

__all__ = [
    "PLUGIN",
    "Slot",
    "accept_source",
    "create",
    "drop",
    "find",
    "identify",
    "read_source",
    "require_same_source",
    "require_usable",
]
