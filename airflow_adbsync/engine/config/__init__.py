"""What the user writes: one `SyncConfig`, in Python or in YAML."""

from airflow_adbsync.engine.config.loading import from_yaml
from airflow_adbsync.engine.config.objects import Objects
from airflow_adbsync.engine.config.options import (
    IncrementalOptions,
    LoadOptions,
    PrecheckOptions,
    ReplicaIdentityOptions,
)
from airflow_adbsync.engine.config.sync import SyncConfig

__all__ = [
    "IncrementalOptions",
    "LoadOptions",
    "Objects",
    "PrecheckOptions",
    "ReplicaIdentityOptions",
    "SyncConfig",
    "from_yaml",
]
